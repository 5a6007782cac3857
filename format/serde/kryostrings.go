package serde

import (
	"unicode"
	"unicode/utf8"

	"github.com/tarn-project/tarn/format/binio"
)

// shortestFound is the number of characters from which on something that looks like a text is taken for one.
const shortestFound = 3

// KryoStrings finds the texts in the bytes of a Kryo value that cannot be decoded: class names and whatever strings there are, in their
// order. It is a guess: bytes that happen to look like a text are found as well, texts of one or two characters are not.
func KryoStrings(b []byte) []string {
	var out []string
	k := &kryo{}
	for i := 0; i < len(b); {
		text, n := k.find(b[i:])
		if n == 0 {
			i++
			continue
		}
		out = append(out, text)
		i += n
	}
	return out
}

// find reads the text that b starts with, and gives the number of its bytes, or 0.
func (k *kryo) find(b []byte) (string, int) {
	if b[0] < 0x20 || b[0] == 0x7F {
		return "", 0
	}
	k.r = binio.NewReader(b, 0)
	if b[0] < 0x80 && !endsAsText(b) {
		return "", 0
	}
	text, null := k.text()
	if null || k.failed() || utf8.RuneCount(text) < shortestFound || !utf8.Valid(text) {
		return "", 0
	}
	for _, r := range string(text) {
		if !unicode.IsPrint(r) {
			return "", 0
		}
	}
	return string(text), k.r.Pos()
}

// endsAsText reports whether printable ASCII leads to a character with bit 7 set.
func endsAsText(b []byte) bool {
	for i := 0; i < len(b) && i < maxASCII; i++ {
		switch c := b[i]; {
		case c >= 0xA0 && c < 0xFF:
			return true
		case c < 0x20 || c >= 0x7F:
			return false
		}
	}
	return false
}
