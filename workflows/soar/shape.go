package soar

import (
	"slices"
	"strings"
	"unicode"
)

// Shape is what stays the same from one mail of a form to the next: the subject with
// its numbers and ids folded, the hosts of its links and the types of its files.
type Shape struct {
	Subject         string   `json:"subject"`
	URLHosts        []string `json:"url_hosts,omitempty"`
	AttachmentTypes []string `json:"attachment_types,omitempty"`
}

// ShapeOf is the shape of one mail.
func ShapeOf(m Message) Shape {
	return Shape{Subject: SubjectShape(m.Subject), URLHosts: folded(m.URLHosts), AttachmentTypes: folded(m.AttachmentTypes)}
}

// Equal says that two mails have one form.
func (s Shape) Equal(o Shape) bool {
	return s.Subject == o.Subject && slices.Equal(s.URLHosts, o.URLHosts) && slices.Equal(s.AttachmentTypes, o.AttachmentTypes)
}

// Telling says that a shape names a form at all: its subject has a word. An empty
// subject, or one of numbers alone, is anybody's.
func (s Shape) Telling() bool { return strings.ContainsFunc(s.Subject, unicode.IsLetter) }

// folded is a set, lower case and in order; none is nil.
func folded(values []string) []string {
	var out []string
	for _, v := range values {
		out = include(out, FoldASCII(v))
	}
	return out
}

// Fold stands in a subject's shape for a number or an id.
const Fold = "#"

// unfold keeps an author's own Fold from reading as something folded.
var unfold = strings.NewReplacer(`\`, `\\`, Fold, `\`+Fold)

// minID is how long a hexadecimal word has to be to be an id and not a word.
const minID = 8

// SubjectShape is a subject in lower case with each number and each hexadecimal id
// as Fold, and white space as single blanks. Nothing else is folded: what an author
// could write a word with stays in the shape.
func SubjectShape(subject string) string {
	var b strings.Builder
	for i, word := range strings.Fields(unfold.Replace(FoldASCII(subject))) {
		if i > 0 {
			b.WriteByte(' ')
		}
		foldWord(&b, word)
	}
	return b.String()
}

// foldWord folds the runs of ASCII letters and digits of a word, one by one.
func foldWord(b *strings.Builder, word string) {
	for word != "" {
		n := len(word)
		if i := strings.IndexFunc(word, func(r rune) bool { return !alphanumeric(r) }); i >= 0 {
			n = i
		}
		if n > 0 {
			b.WriteString(foldRun(word[:n]))
			word = word[n:]
			continue
		}
		if i := strings.IndexFunc(word, alphanumeric); i >= 0 {
			n = i
		} else {
			n = len(word)
		}
		b.WriteString(word[:n])
		word = word[n:]
	}
}

func alphanumeric(r rune) bool { return isDigit(r) || 'a' <= r && r <= 'z' }

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// foldRun folds a run that is an id, else its numbers.
func foldRun(run string) string {
	notHex := func(r rune) bool { return !isDigit(r) && (r < 'a' || r > 'f') }
	if len(run) >= minID && strings.ContainsFunc(run, isDigit) && !strings.ContainsFunc(run, notHex) {
		return Fold
	}
	var b strings.Builder
	inNumber := false
	for _, r := range run {
		if !isDigit(r) {
			b.WriteRune(r)
		} else if !inNumber {
			b.WriteString(Fold)
		}
		inNumber = isDigit(r)
	}
	return b.String()
}

// shapesOf are the different shapes of mails, in their order.
func shapesOf(messages []Message) []Shape {
	var out []Shape
	for _, m := range messages {
		if s := ShapeOf(m); !hasShape(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func hasShape(set []Shape, s Shape) bool { return slices.ContainsFunc(set, s.Equal) }
