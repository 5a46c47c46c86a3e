package slack

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"harrier/workflows/soar"
)

// hiddenSubject stands for a subject in a channel that does not show them.
const hiddenSubject = "(subject hidden in this channel)"

// minMasked is how many characters of a subject are looked for without quotation
// marks around them: fewer stand in other words by accident.
const minMasked = 8

var quotationMarks = [][2]string{{`"`, `"`}, {"“", "”"}, {"`", "`"}}

// mask hides subjects. The zero mask hides nothing.
type mask struct{ subjects []string }

// maskOf hides the subjects given, as they are and with their spaces joined, longest
// first, so that none is hidden only in part.
func maskOf(subjects ...string) mask {
	var m mask
	for _, s := range subjects {
		for _, form := range []string{strings.TrimSpace(s), strings.Join(strings.Fields(s), " ")} {
			if form != "" && form != hiddenSubject && !slices.Contains(m.subjects, form) {
				m.subjects = append(m.subjects, form)
			}
		}
	}
	slices.SortStableFunc(m.subjects, func(a, b string) int { return len(b) - len(a) })
	return m
}

// text hides every subject in a sentence, also one that was cut.
func (m mask) text(s string) string {
	for _, subject := range m.subjects {
		for _, marks := range quotationMarks {
			s = strings.ReplaceAll(s, marks[0]+subject+marks[1], hiddenSubject)
		}
		s = hideCut(s, subject)
	}
	return s
}

// hideCut hides a subject, and every longer beginning of one, wherever it stands; in
// quotation marks, with all that is quoted.
func hideCut(s, subject string) string {
	begin := prefix(subject, minMasked)
	if begin == "" {
		return s
	}
	var b strings.Builder
	for {
		at := strings.Index(s, begin)
		if at < 0 {
			b.WriteString(s)
			return b.String()
		}
		before, rest := s[:at], strings.TrimPrefix(s[at+common(s[at:], subject):], "…")
		for _, marks := range quotationMarks {
			if bare, quoted := strings.CutSuffix(before, marks[0]); quoted {
				before = bare
				if _, after, closed := strings.Cut(rest, marks[1]); closed {
					rest = after
				}
			}
		}
		b.WriteString(before + hiddenSubject)
		s = rest
	}
}

// prefix is the first n characters, empty when there are fewer.
func prefix(s string, n int) string {
	for at := range s {
		if n == 0 {
			return s[:at]
		}
		n--
	}
	if n == 0 {
		return s
	}
	return ""
}

// common is how many bytes, of whole characters, two texts begin with alike.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(b) && !utf8.RuneStart(b[n]) {
		n--
	}
	return n
}

// said hides every subject in what a person typed, who quotes one with other spaces,
// letters and marks than it has, or only how it begins: two words of it at the least,
// since one alone may be what the answer says.
func (m mask) said(s string) string {
	for _, subject := range m.subjects {
		if utf8.RuneCountInString(subject) >= minMasked {
			s = strings.ReplaceAll(s, subject, hiddenSubject)
		}
	}
	var b strings.Builder
	typed, done := wordsOf(s), 0
	for i := 0; i < len(typed); i++ {
		n := 0
		for _, subject := range m.subjects {
			phrase := wordsOf(subject)
			n = max(n, quotes(s, typed[i:], phrase), quotes(s, typed[i:], unprefixed(phrase)))
		}
		if n > 0 {
			b.WriteString(s[done:typed[i].from] + hiddenSubject)
			i += n - 1
			done = typed[i].to
		}
	}
	return b.String() + s[done:]
}

// word is a run of letters and digits, in lower case, and where it stands.
type word struct {
	text     string
	from, to int
}

var letters = regexp.MustCompile(`[\pL\pN\pM]+`)

// schemes are words that Slack puts in front of an address of its own accord.
var schemes = []string{"http", "https", "mailto"}

func wordsOf(s string) []word {
	var out []word
	for _, at := range letters.FindAllStringIndex(s, -1) {
		if text := strings.ToLower(s[at[0]:at[1]]); !slices.Contains(schemes, text) {
			out = append(out, word{text, at[0], at[1]})
		}
	}
	return out
}

// answerMarks stand in front of the subject of a mail that is answered, forwarded or
// from outside.
var answerMarks = []string{"re", "fw", "fwd", "aw", "wg", "sv", "vs", "rv", "tr", "ext", "external", "extern"}

func unprefixed(phrase []word) []word {
	for len(phrase) > 0 && slices.Contains(answerMarks, phrase[0].text) {
		phrase = phrase[1:]
	}
	return phrase
}

// quotes says with how many words a text begins as a subject does, 0 for too few to
// be one. A short subject is one in quotation marks.
func quotes(s string, text, subject []word) int {
	n, length := 0, -1
	for n < len(text) && n < len(subject) && text[n].text == subject[n].text {
		length += 1 + utf8.RuneCountInString(subject[n].text)
		n++
	}
	switch {
	case n >= 2 && length >= minMasked, n > 0 && n == len(subject) && inMarks(s, text[0].from, text[n-1].to):
		return n
	}
	return 0
}

// inMarks says that a part of a text stands in quotation marks of any kind.
func inMarks(s string, from, to int) bool {
	const marks = "\"'`“”„‟‘’‚‛«»‹›"
	before, _ := utf8.DecodeLastRuneInString(s[:from])
	after, _ := utf8.DecodeRuneInString(s[to:])
	return strings.ContainsRune(marks, before) && strings.ContainsRune(marks, after)
}

func (m mask) texts(in []string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = m.text(s)
	}
	return out
}

func (o Options) masks(channel string) bool { return o.MaskSubjects != nil && o.MaskSubjects(channel) }

// maskOf hides a case's subjects in a channel that shows none.
func (o Options) maskOf(c soar.Case, channel string) mask {
	if !o.masks(channel) {
		return mask{}
	}
	return maskOf(subjectsOf(c)...)
}

// maskedSummary is a summary as a channel may show it.
func (o Options) maskedSummary(s soar.Summary, channel string) soar.Summary {
	if !o.masks(channel) {
		return s
	}
	var subjects []string
	for _, out := range s.Result.Senders {
		subjects = append(subjects, out.Subject)
	}
	m := maskOf(subjects...)
	s.Listed, s.Unreviewed = m.listed(s.Listed), m.listed(s.Unreviewed)
	return s
}

func (m mask) listed(cases []soar.ListedCase) []soar.ListedCase {
	out := slices.Clone(cases)
	for i := range out {
		out[i].Headline = m.text(out[i].Headline)
	}
	return out
}

// masked is the case as a channel may show it. The case itself stays as it is.
func (o Options) masked(c soar.Case, channel string) soar.Case {
	if !o.masks(channel) {
		return c
	}
	m := o.maskOf(c, channel)
	c.Finding.Evidence.Messages = slices.Clone(c.Finding.Evidence.Messages)
	for i := range c.Finding.Evidence.Messages {
		if msg := &c.Finding.Evidence.Messages[i]; strings.TrimSpace(msg.Subject) != "" {
			msg.Subject = hiddenSubject
		}
	}
	c.Judgement = m.judgement(c.Judgement)
	c.Finding.Evidence.Missing = m.text(c.Finding.Evidence.Missing)
	c.Finding.Past.Compromise = slices.Clone(c.Finding.Past.Compromise)
	for i := range c.Finding.Past.Compromise {
		c.Finding.Past.Compromise[i].Detail = m.text(c.Finding.Past.Compromise[i].Detail)
	}
	c.Problems = m.texts(c.Problems)
	if c.RuleProposal != "" {
		// It matches subjects by patterns, which no search for the subjects finds.
		c.RuleProposal = "# Hidden in this channel: the rule quotes subjects. Read it with: worker cases show " + c.Ref.ID
	}
	c.Decision, c.Proposal = m.decision(c.Decision), m.decision(c.Proposal)
	c.Earlier, c.Log = slices.Clone(c.Earlier), slices.Clone(c.Log)
	for i := range c.Earlier {
		c.Earlier[i].Reason = m.text(c.Earlier[i].Reason)
	}
	for i := range c.Log {
		c.Log[i].Reason = m.text(c.Log[i].Reason)
	}
	return c
}

func subjectsOf(c soar.Case) []string {
	var out []string
	for _, m := range c.Finding.Evidence.Messages {
		out = append(out, m.Subject)
	}
	return out
}

func (m mask) judgement(j soar.Judgement) soar.Judgement {
	j.Headline, j.Reason, j.Unrememberable = m.text(j.Headline), m.text(j.Reason), m.text(j.Unrememberable)
	j.Facts = m.texts(j.Facts)
	j.Guards, j.Trace = slices.Clone(j.Guards), slices.Clone(j.Trace)
	for i := range j.Guards {
		j.Guards[i].Detail = m.text(j.Guards[i].Detail)
	}
	for i := range j.Trace {
		j.Trace[i].Condition = m.text(j.Trace[i].Condition)
	}
	return j
}

func (m mask) decision(d *soar.Decision) *soar.Decision {
	if d == nil {
		return nil
	}
	out := *d
	out.Reason = m.text(d.Reason)
	return &out
}
