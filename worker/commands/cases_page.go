package commands

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Columns of a page.
const (
	pageWidth = 80
	// pageIndent is where the text of a row begins.
	pageIndent = 12
)

// page prints rows of a name and a text, which goes on in further lines where it is
// longer than a terminal is wide.
type page struct {
	w   io.Writer
	err error
}

// text prints one line, or more where it is longer.
func (p *page) text(format string, args ...any) {
	p.wrap("", strings.Repeat(" ", pageIndent), fmt.Sprintf(format, args...))
}

// row prints a text with its name before it. An empty text has no row.
func (p *page) row(name, format string, args ...any) {
	p.wrap(fmt.Sprintf("  %-*s", pageIndent-2, name), strings.Repeat(" ", pageIndent), fmt.Sprintf(format, args...))
}

// wrap breaks a text between words, and a word that is longer than a line. What others
// wrote is made visible, and begins no line before the indent.
func (p *page) wrap(first, indent, text string) {
	line, empty := first, true
	for _, word := range strings.Fields(Visible(text)) {
		for _, part := range pieces(word, pageWidth-pageIndent) {
			if !empty && columns(line)+1+columns(part) > pageWidth {
				p.print(line)
				line, empty = indent, true
			}
			if !empty {
				line += " "
			}
			line, empty = line+part, false
		}
	}
	if !empty {
		p.print(line)
	}
}

// pieces cuts a word into parts of at most so many columns.
func pieces(word string, most int) []string {
	var out []string
	begin, room := 0, most
	for i, r := range word {
		if room -= columnsOf(r); room < 0 {
			out = append(out, word[begin:i])
			begin, room = i, most-columnsOf(r)
		}
	}
	return append(out, word[begin:])
}

// columns is how wide a terminal draws a text, or less.
func columns(text string) int {
	n := 0
	for _, r := range text {
		n += columnsOf(r)
	}
	return n
}

// columnsOf takes everything from the first wide letters (Hangul Jamo) on for wide.
func columnsOf(r rune) int {
	if r >= 0x1100 && !punctuation(r) {
		return 2
	}
	return 1
}

// punctuation is U+2000 to U+206F: our own dashes and dots.
func punctuation(r rune) bool { return r >= 0x2000 && r <= 0x206f }

func (p *page) print(line string) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, line)
	}
}

// quoted is a text that its author chose, in quotes and not longer than most characters.
// It keeps the end, too: that of an address says whose it is.
func quoted(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		head := most / 3
		text = string(runes[:head]) + "…" + string(runes[len(runes)-(most-head-1):])
	}
	return strconv.Quote(text)
}
