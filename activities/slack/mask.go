package slack

import (
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
	c.Problems, c.RuleProposal = m.texts(c.Problems), m.text(c.RuleProposal)
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
