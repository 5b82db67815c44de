// Package clients pins franz-go, with which the example of docs/consuming.md is built.
package clients

import _ "github.com/twmb/franz-go/pkg/kgo"
