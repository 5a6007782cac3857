package metadata

import "strconv"

// magic opens every `_metadata` file (Checkpoints.HEADER_MAGIC_NUMBER).
const magic = 0x4960672D

// masterMagic opens every master state (MetadataV2V3SerializerBase.MASTER_STATE_MAGIC_NUMBER); as an int it is negative.
const masterMagic = int32(0xC96B1696 - 1<<32)

// layout is everything in which one version differs from the others.
type layout struct {
	version      int
	from, to     string        // the Flink releases that write it
	refused      string        // why it is not read at all
	names        bool          // operators carry name and uid
	chainLength  bool          // operators carry a chain length
	coordinator  bool          // operators carry coordinator state
	finished     bool          // −1 subtasks and negative indices mean finished
	legacy       bool          // subtasks begin with a duration and a number of states of Flink 1.1
	channels     channelLayout // how in-flight data is stored
	properties   bool          // a Java object with the checkpoint's properties ends the file
	changelog114 bool          // codes 8, 9 and 10 may have the layout of Flink 1.14
}

type channelLayout uint8

const (
	channelsNone   channelLayout = iota
	channelsPlain                // ChannelStateHandleSerializerV1
	channelsTagged               // ChannelStateHandleSerializerV2: a code before each handle, merged handles
)

// layouts is the one place where versions differ. MetadataV1Serializer … MetadataV6Serializer.
var layouts = [...]layout{
	{version: 1, from: "1.1", to: "1.2", refused: "written by Flink 1.1 or 1.2 with state that no supported Flink reads"},
	{version: 2, from: "1.3", to: "1.10", chainLength: true, legacy: true},
	{version: 3, from: "1.11", to: "1.15", coordinator: true, finished: true, channels: channelsPlain, changelog114: true},
	{version: 4, from: "1.16", to: "1.20", coordinator: true, finished: true, channels: channelsPlain, properties: true},
	{version: 5, from: "2.0", to: "2.0", coordinator: true, finished: true, channels: channelsPlain, properties: true, names: true},
	{version: 6, from: "2.1", to: "2.3", coordinator: true, finished: true, channels: channelsTagged, properties: true, names: true},
}

// layoutOf finds a version in the table.
func layoutOf(version int) *layout {
	for i := range layouts {
		if layouts[i].version == version {
			return &layouts[i]
		}
	}
	return nil
}

// Versions lists the versions that Decode reads and Append writes, lowest first.
func Versions() []int {
	var out []int
	for _, l := range layouts {
		if l.refused == "" {
			out = append(out, l.version)
		}
	}
	return out
}

// releases lists the releases that wrote snapshots of version 2 and later, oldest first.
var releases = [...]string{
	"1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9", "1.10", "1.11", "1.12", "1.13", "1.14", "1.15", "1.16", "1.17", "1.18", "1.19", "1.20",
	"2.0", "2.1", "2.2", "2.3",
}

// readable says for messages which versions are read.
func readable() string {
	v := Versions()
	return "a version from " + strconv.Itoa(v[0]) + " to " + strconv.Itoa(v[len(v)-1])
}

// The codes of handles. They do not depend on the version of the file: each version spans several generations of them.
const (
	codeNull               = 0
	codeByteStream         = 1
	codeFile               = 2
	codeKeyGroups          = 3
	codeOperator           = 4
	codeIncremental        = 5
	codeRelativeFile       = 6
	codeSavepointKeyGroups = 7
	codeChangelog          = 8
	codeMemoryLog          = 9
	codeFileLog            = 10
	codeIncrementalV2      = 11
	codeKeyGroupsV2        = 12
	codeFileLogV2          = 13
	codeChangelogV2        = 14
	codeSegment            = 15
	codeEmptySegment       = 16
	codeMergedOperator     = 17
)

// codeInfo says what a handle code means and who writes it.
type codeInfo struct {
	name        string
	since, last string // releases that write it; last is "" where the newest still does
}

var codes = [...]codeInfo{
	codeNull:               {"none", "1.3", ""},
	codeByteStream:         {"inline bytes", "1.3", ""},
	codeFile:               {"file", "1.3", ""},
	codeKeyGroups:          {"key groups", "1.3", "1.14"},
	codeOperator:           {"operator state", "1.3", ""},
	codeIncremental:        {"incremental", "1.3", "1.14"},
	codeRelativeFile:       {"relative file", "1.11", ""},
	codeSavepointKeyGroups: {"key groups of a savepoint", "1.13", ""},
	codeChangelog:          {"changelog", "1.14", "1.15"},
	codeMemoryLog:          {"changelog in memory", "1.14", ""},
	codeFileLog:            {"changelog in files", "1.14", "1.15"},
	codeIncrementalV2:      {"incremental v2", "1.15", ""},
	codeKeyGroupsV2:        {"key groups v2", "1.15", ""},
	codeFileLogV2:          {"changelog in files v2", "1.16", ""},
	codeChangelogV2:        {"changelog v2", "1.16", ""},
	codeSegment:            {"file segment", "1.20", ""},
	codeEmptySegment:       {"empty segment", "1.20", ""},
	codeMergedOperator:     {"operator state with merged files", "1.20", ""},
}

// codeName says what a code means.
func codeName(code byte) string {
	if int(code) < len(codes) {
		return codes[code].name
	}
	return "unknown code " + strconv.Itoa(int(code))
}

// The codes of in-flight data in version 6.
const (
	channelInput        = 1
	channelOutput       = 2
	channelMergedInput  = 3
	channelMergedOutput = 4
)

// codeOf gives the code that a handle is written with. Channel handles have none.
func codeOf(h Handle) byte {
	switch h := h.(type) {
	case *ByteStream:
		return codeByteStream
	case *File:
		return codeFile
	case *RelativeFile:
		return codeRelativeFile
	case *Segment:
		return codeSegment
	case *EmptySegment:
		return codeEmptySegment
	case *KeyGroups:
		return [...]byte{codeKeyGroups, codeKeyGroupsV2, codeSavepointKeyGroups}[min(h.Kind, KeyGroupsSavepoint)]
	case *Incremental:
		return newer(h.V2, codeIncrementalV2, codeIncremental)
	case *Changelog:
		return newer(h.V2, codeChangelogV2, codeChangelog)
	case *MemoryLog:
		return codeMemoryLog
	case *FileLog:
		return newer(h.V2, codeFileLogV2, codeFileLog)
	case *OperatorHandle:
		return newer(h.Merged != nil, codeMergedOperator, codeOperator)
	}
	return codeNull
}

func newer(is bool, newCode, oldCode byte) byte {
	if is {
		return newCode
	}
	return oldCode
}

// KindOf names the kind of a handle in words, for people: "relative file", "incremental v2".
func KindOf(h Handle) string {
	switch h.(type) {
	case *Channel:
		return "in-flight data"
	case *MergedChannels:
		return "in-flight data of several channels"
	}
	return codeName(codeOf(h))
}
