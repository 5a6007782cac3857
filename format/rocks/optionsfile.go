package rocks

import (
	"slices"
	"strings"

	"github.com/tarn-project/tarn/format/fault"
)

// OptionsFile is an OPTIONS file: which options the store that made the snapshot was opened with. Nothing in it is needed
// to read the data. It is text (RocksDB's options/options_parser.cc): sections, each a title, an argument in quotes where
// it belongs to a column family, and lines "name=value"; "#" begins a comment unless escaped with a backslash.
//
//	[Version]
//	[DBOptions]
//	[CFOptions "name of the column family"]
//	[TableOptions/BlockBasedTable "name of the column family"]
type OptionsFile struct {
	Sections []OptionsSection
}

// OptionsSection is one section. Values are as they stand in the file.
type OptionsSection struct {
	Title    string
	Argument string // the name of a column family
	Options  []Option
}

// Option is one line of a section.
type Option struct{ Name, Value string }

const (
	sectionVersion = "Version"
	sectionDB      = "DBOptions"
	sectionFamily  = "CFOptions"
	sectionTable   = "TableOptions/"
)

// maxOptionsFile bounds what is taken for an OPTIONS file; with a thousand states one has some 5 MB.
const maxOptionsFile = 64 << 20

// ReadOptionsFile reads an OPTIONS file under the name that errors shall give.
func ReadOptionsFile(f File, name string) (*OptionsFile, error) {
	if f.Size() > maxOptionsFile {
		return nil, fault.File(fault.Corrupt(0, "%d bytes", f.Size()).WithExpected("an OPTIONS file"), name)
	}
	b := make([]byte, f.Size())
	if err := readFull(f, name, b, 0); err != nil {
		return nil, err
	}
	o, err := ParseOptionsFile(b)
	return o, fault.File(err, name)
}

// ParseOptionsFile is ReadOptionsFile for bytes in memory.
func ParseOptionsFile(b []byte) (*OptionsFile, error) {
	o := &OptionsFile{}
	at := int64(0)
	for line := range strings.Lines(string(b)) {
		start := at
		at += int64(len(line))
		line = strings.TrimSpace(uncomment(line))
		switch {
		case line == "":
		case line[0] == '[':
			s, ok := parseSection(line)
			if !ok {
				return nil, fault.Corrupt(start, "%q", line).WithExpected("a section title")
			}
			o.Sections = append(o.Sections, s)
		default:
			name, value, ok := strings.Cut(line, "=")
			if name = strings.TrimSpace(name); !ok || name == "" || len(o.Sections) == 0 {
				return nil, fault.Corrupt(start, "%q", line).WithExpected("name=value within a section")
			}
			s := &o.Sections[len(o.Sections)-1]
			s.Options = append(s.Options, Option{name, strings.TrimSpace(value)})
		}
	}
	if len(o.Sections) == 0 {
		return nil, fault.Corrupt(0, "no section").WithExpected("an OPTIONS file")
	}
	return o, nil
}

// uncomment cuts a comment off.
func uncomment(line string) string {
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '#':
			return line[:i]
		}
	}
	return line
}

func parseSection(line string) (OptionsSection, bool) {
	inner, ok := strings.CutSuffix(line[1:], "]")
	if !ok {
		return OptionsSection{}, false
	}
	title, quoted, ok := strings.Cut(inner, `"`)
	title = strings.TrimSpace(title)
	if !ok {
		return OptionsSection{Title: title}, title != ""
	}
	name, ok := strings.CutSuffix(quoted, `"`)
	return OptionsSection{Title: title, Argument: unescape(name)}, ok && title != ""
}

var (
	unescaper = strings.NewReplacer(`\\`, `\`, `\#`, `#`, `\:`, `:`, `\n`, "\n", `\r`, "\r")
	escaper   = strings.NewReplacer(`\`, `\\`, `#`, `\#`, `:`, `\:`, "\n", `\n`, "\r", `\r`)
)

func unescape(s string) string { return unescaper.Replace(s) }

// Append appends the sections as text, without comments and blank lines within them.
func (o *OptionsFile) Append(dst []byte) []byte {
	for _, s := range o.Sections {
		dst = append(dst, '[')
		dst = append(dst, s.Title...)
		if s.Argument != "" || s.Title == sectionFamily || strings.HasPrefix(s.Title, sectionTable) {
			dst = append(dst, ` "`...)
			dst = append(dst, escaper.Replace(s.Argument)...)
			dst = append(dst, '"')
		}
		dst = append(dst, "]\n"...)
		for _, p := range s.Options {
			dst = append(dst, "  "+p.Name+"="+p.Value+"\n"...)
		}
	}
	return dst
}

func (o *OptionsFile) find(match func(*OptionsSection) bool) *OptionsSection {
	if i := slices.IndexFunc(o.Sections, func(s OptionsSection) bool { return match(&s) }); i >= 0 {
		return &o.Sections[i]
	}
	return &OptionsSection{}
}

// Get gives the value of an option, or "".
func (s *OptionsSection) Get(name string) string {
	for _, p := range s.Options {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// RocksDBVersion is the version that wrote the file, for instance "8.10.0".
func (o *OptionsFile) RocksDBVersion() string {
	return o.find(func(s *OptionsSection) bool { return s.Title == sectionVersion }).Get("rocksdb_version")
}

// DB gives the options of the whole store.
func (o *OptionsFile) DB() *OptionsSection {
	return o.find(func(s *OptionsSection) bool { return s.Title == sectionDB })
}

// Family gives the options of a column family: comparator, compression, compression_per_level, ttl and so on.
func (o *OptionsFile) Family(name string) *OptionsSection {
	return o.find(func(s *OptionsSection) bool { return s.Title == sectionFamily && s.Argument == name })
}

// Table gives the table options of a column family: block_size, format_version, checksum, filter_policy and so on.
func (o *OptionsFile) Table(name string) *OptionsSection {
	return o.find(func(s *OptionsSection) bool { return strings.HasPrefix(s.Title, sectionTable) && s.Argument == name })
}

// MergeOperator is the id of a column family's merge operator, or "". From 6.21 on it stands in an object.
func (o *OptionsFile) MergeOperator(family string) string {
	v := o.Family(family).Get("merge_operator")
	if v == "nullptr" {
		return ""
	}
	_, rest, ok := strings.Cut(v, "{id=")
	if !ok {
		return v
	}
	id, _, _ := strings.Cut(rest, ";")
	return strings.TrimSuffix(id, "}")
}
