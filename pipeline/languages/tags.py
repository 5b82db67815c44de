"""Language tags as feeders write them -> the primary tag of BCP 47 that is meant, and what is no other language.

`nb-NO`, `en_GB.UTF-8`, `eng`, `iw`, `English`, `kr` for Korean: all are said of a language, and none contradicts a text
that is in it. Source of the codes: ISO 639 and the aliases of Unicode's CLDR; of the names: CLDR.
"""

# ruff: noqa: E501  (tables are read whole)

from __future__ import annotations

import functools
import re

MAX_LENGTH = 60  # characters: no tag and no name of a language is longer
# Primary tag: codes of three letters, codes that were replaced, and codes of countries that are used for it.
_CODES = """
af=afr am=amh an=arg ar=ara,arb as=asm av=ava az=aze,azj ba=bak be=bel bg=bul bn=ben bo=bod,tib br=bre bs=bos ca=cat
ce=che co=cos cs=ces,cz,cze cv=chv cy=cym,wel da=dan,dk de=at,deu,ger dv=div el=ell,gr,gre en=au,eng,gb,nz,us eo=epo
es=mx,spa et=ekk,est eu=baq,eus fa=drw,fas,ir,per,pes,prs,tnf fi=fin fr=fra,fre fy=fry ga=gle gd=gla gl=glg gn=grn,gug
gu=guj,prp gv=glv he=heb,il,iw hi=hin hr=hrv,scr ht=hat hu=hun hy=arm,hye ia=ina id=in,ind ie=ile io=ido is=ice,isl
it=ita ja=jp,jpn jv=jav,jw ka=geo,kat kk=kaz km=khm kn=kan ko=kor,kr ku=kmr,kur kv=kom,kpv kw=cor ky=kir la=lat lb=ltz
li=lim lo=lao lt=lit lv=lav,lvs mg=mlg,plt mk=mac,mkd ml=mal mn=drh,khk,mon mr=mar ms=may,msa,zsm mt=mlt my=bur,mya
ne=nep,npi nl=dut,nld nn=nno no=nb,nob,nor oc=oci or=ori,ory os=oss pa=pan pl=pol ps=pbu,pus pt=por qu=que,quz rm=roh
ro=mo,mol,ron,rum ru=rus sa=cls,san sc=src,srd sd=snd sh=hbs si=sin sk=slk,slo sl=slv so=som sq=alb,sqi
sr=cnr,rs,scc,srp su=sun sv=swe sw=swa,swc,swh ta=tam te=tel tg=tgk th=tha tk=tuk tl=fil,tgl tr=tur tt=tat ug=uig
uk=ua,ukr ur=urd uz=uzb,uzn vi=vie,vn vo=vol wa=wln yi=ji,ydd,yid yo=yor zh=chi,cmn,cn,zho
"""
_NAMES = """
af=afrikaans
am=amharic|አማርኛ
an=aragonese|aragonés
ar=arabic|العربية
arz=egyptian arabic
as=assamese|অসমীয়া
ast=asturian|asturianu
av=avaric
az=azerbaijani|azərbaycan
ba=bashkir|башҡорт теле
bar=bavarian
be=belarusian|беларуская
bg=bulgarian|български
bn=bangla|bengali|বাংলা
bo=tibetan|བོད་སྐད་
bpy=bishnupriya
br=breton|brezhoneg
bs=bosanski|bosnian
ca=catalan|català
ce=chechen|нохчийн
ceb=cebuano
ckb=central kurdish|sorani|کوردیی ناوەندی
co=corsican|corsu
cs=czech|čeština
cv=chuvash|чӑваш
cy=cymraeg|welsh
da=danish|dansk
de=deutsch|german
dsb=dolnoserbšćina|lower sorbian
dv=divehi|ދިވެހިބަސް
el=greek|modern greek|ελληνικά
en=english
eo=esperanto
es=castellano|castilian|español|spanish
et=eesti|estonian
eu=basque|euskara
fa=farsi|persian|فارسی
fi=finnish|suomi
fr=français|french
frr=nordfriisk|northern frisian
fy=frysk|western frisian
ga=gaeilge|irish|irish gaelic
gd=gàidhlig|scottish gaelic
gl=galego|galician
gn=avañe’ẽ|guarani
gu=gujarati|ગુજરાતી
gv=gaelg|manx
he=hebrew|ivrit|עברית
hi=hindi|हिन्दी
hif=fiji hindi
hr=croatian|hrvatski
hsb=hornjoserbšćina|upper sorbian
ht=haitian|haitian creole|kreyòl ayisyen
hu=hungarian|magyar
hy=armenian|հայերեն
ia=interlingua
id=bahasa indonesia|indonesia|indonesian
ie=interlingue
ilo=iloko
io=ido
is=icelandic|íslenska
it=italian|italiano
ja=japanese|日本語
jbo=la .lojban.|lojban
jv=javanese|jawa
ka=georgian|ქართული
kk=kazakh|қазақ тілі
km=cambodian|khmer|ខ្មែរ
kn=kannada|ಕನ್ನಡ
ko=korean|한국어
krc=karachay-balkar
ku=kurdish|kurdî (kurmancî)|kurmanji
kv=komi
kw=cornish|kernewek
ky=kyrgyz|кыргызча
la=latin|latina
lb=luxembourgish|lëtzebuergesch
lez=lezghian
li=limburgish
lmo=lombard
lo=lao|ລາວ
lrc=northern luri|لۊری شومالی
lt=lietuvių|lithuanian
lv=latvian|latviešu
mai=maithili|मैथिली
mg=malagasy
min=minangkabau
mk=macedonian|македонски
ml=malayalam|മലയാളം
mn=mongolian|монгол
mr=marathi|मराठी
mrj=western mari
ms=bahasa melayu|malay|melayu
mt=maltese|malti
mwl=mirandese
my=burmese|မြန်မာ
myv=erzya|эрзянь кель
mzn=mazanderani|مازرونی
nap=neapolitan
nds=low german|neddersass’sch
ne=nepali|नेपाली
new=newari
nl=dutch|flemish|nederlands
nn=norsk nynorsk|norwegian nynorsk
no=bokmål|norsk|norsk bokmål|norwegian|norwegian bokmål
oc=occitan
or=odia|oriya|ଓଡ଼ିଆ
os=ossetic|ирон
pa=punjabi|ਪੰਜਾਬੀ
pam=pampanga
pfl=palatine german
pl=polish|polski
pms=piedmontese
ps=pashto|pushto|پښتو
pt=portuguese|português
qu=quechua|runasimi
rm=romansh|rumantsch
ro=moldovan|romanian|română
ru=russian|русский
rue=rusyn
sa=sanskrit|संस्कृत भाषा
sah=yakut|саха тыла
sc=sardinian|sardu
scn=sicilian|sicilianu
sco=scots
sd=sindhi|سنڌي
sh=serbo-croatian
si=sinhala|sinhalese|සිංහල
sk=slovak|slovenčina
sl=slovenian|slovenščina
so=somali|soomaali
sq=albanian|shqip
sr=serbian|српски
su=basa sunda|sundanese
sv=svenska|swedish
sw=kiswahili|swahili
ta=tamil|தமிழ்
te=telugu|తెలుగు
tg=tajik|тоҷикӣ
th=thai|ไทย
tk=turkmen|türkmen dili
tl=filipino|pilipino|tagalog
tr=turkish|türkçe
tt=tatar|татар
tyv=tuvinian
ug=uighur|uyghur|ئۇيغۇرچە
uk=ukrainian|українська
ur=urdu|اردو
uz=o‘zbek|uzbek
vec=venetian|veneto
vep=veps
vi=tiếng việt|vietnamese
vls=west flemish
vo=volapük
wa=walloon|walon
war=waray
wuu=wu chinese
xal=kalmyk
xmf=mingrelian
yi=yiddish|ייִדיש
yo=yoruba|èdè yorùbá
yue=cantonese|粵語
zh=chinese|mandarin|simplified chinese|traditional chinese|中文|汉语|简体中文|繁體中文
"""
# What the text may be in where this is declared: languages that it includes, or that are told apart by a few words.
_COVERS = {
    "no": "nn nb", "nn": "no nb", "sr": "hr bs sh", "hr": "sr bs sh", "bs": "sr hr sh", "sh": "sr hr bs", "ms": "id min",
    "zh": "yue wuu", "yue": "zh", "wuu": "zh", "ar": "arz", "arz": "ar", "fa": "mzn lrc", "ku": "ckb diq", "az": "azb",
    "de": "als bar nds pfl", "gsw": "als de", "als": "de", "bar": "de", "pa": "pnb", "nl": "vls li", "mn": "bxr", "tl": "fil",
    "it": "lmo vec scn nap pms", "en": "sco", "sq": "als", "mr": "gom", "hi": "bh mai", "ne": "dty", "se": "sv", "br": "pt",
}  # fmt: skip
_NONE = frozenset({"", "und", "mul", "zxx", "mis", "x", "xx", "null", "none", "unknown", "other", "default", "n", "na"})
_CODE = re.compile(r"([a-z]{2,3})(?:[-_.@\s,;/(].*)?\Z", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")


@functools.cache
def _codes() -> dict[str, str]:
    rows = (line.split("=") for line in _CODES.split())
    return {code: tag for tag, codes in rows for code in codes.split(",")}


@functools.cache
def _names() -> dict[str, str]:
    rows = (line.split("=") for line in _NAMES.strip().split("\n"))
    return {name: tag for tag, names in rows for name in names.split("|")}


@functools.lru_cache(maxsize=1_000)
def canonical(declared: str | None) -> str | None:
    """The primary tag that is meant, in lower case; None if nothing is said of a language. `eng` and `en_GB` are `en`."""
    text = (declared or "")[:MAX_LENGTH].strip().lower()
    if name := _names().get(text):
        return name
    code = _CODE.match(text)
    if code is None or " " in text:  # "UK English" is no Ukrainian
        for word in _WORD.findall(text):
            if name := _names().get(word):
                return name
    if code is None or code[1] in _NONE:
        return None
    tag = _codes().get(code[1], code[1])
    return tag if " " not in text or tag in _names().values() else None


def covers(declared: str | None) -> frozenset[str]:
    """The primary tags of texts that do not contradict what is declared; empty if nothing is."""
    tag = canonical(declared)
    return frozenset({tag, *_COVERS.get(tag, "").split()}) if tag else frozenset()
