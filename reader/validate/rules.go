package validate

// Names of rules that other code asks for.
const (
	ruleMetadata   = "metadata-readable"
	ruleUnfinished = "unfinished"
	ruleUnknown    = "serializers-known"
	ruleSeal       = "seal-files"
	ruleSealDeep   = "seal-content"
	rulePolicySkew = "policy-skew"
	rulePolicySize = "policy-operator-size"
	rulePolicyAge  = "policy-age"
	rulePolicyTTL  = "policy-ttl"
)

const (
	restoreOlder = "restore from an older snapshot that is sound, or take a new one while the job still runs"
	copyAgain    = "copy the snapshot again, whole, from where it was written; if that is this place, restore from an older one"
	newSavepoint = "take a savepoint in the canonical format while the job still runs"
)

// Rules lists every rule, in the order in which reports tell of them.
func Rules() []*Rule {
	var all []*Rule
	for _, list := range [][]*Rule{metadataRules(), fileRules(), keyedRules(), stateRules(), timerRules(), operatorRules(), entryRules(), sealRules(), policyRules()} {
		all = append(all, list...)
	}
	return all
}

func metadataRules() []*Rule {
	return []*Rule{
		{
			ID: ruleMetadata, Severity: Error,
			Doc:      "_metadata is a file of a version that Flink reads, it can be read to its last byte, and its numbers are within Flink's bounds: parallelism, subtasks, sizes",
			Prevents: "the restore fails at once: \"Cannot find meta data\", an EOFException, or an unknown handle code",
			Fix:      copyAgain, check: func(*run, func(Finding)) {},
		},
		{
			ID: ruleUnfinished, Severity: Warning, check: func(*run, func(Finding)) {},
			Doc:      "every checkpoint directory below a searched one has its _metadata, which is written last",
			Prevents: "a restore from a checkpoint that was aborted, or is still being written",
			Fix:      "restore from an older one; delete the directory if no job is writing it",
		},
		{
			ID: "metadata-round-trip", Severity: Error, check: roundTrip,
			Doc:      "_metadata, decoded and written again, is the same bytes: nothing in it was skipped or misunderstood",
			Prevents: "bytes that no reader looks at, or that another reader understands differently",
			Fix:      copyAgain,
		},
		{
			ID: "operator-ids", Severity: Error, check: operatorIDs,
			Doc:      "no two operators have the same id",
			Prevents: "one of the two operators loses its state: the later one replaces the earlier in Flink's map",
			Fix:      restoreOlder,
		},
		{
			ID: "uid-matches-id", Severity: Error, check: uidMatches,
			Doc:      "the id of an operator is the hash of the uid that is stored with it (metadata version 5 and later)",
			Prevents: "the restore looks the state up by the hash of the job's uid, does not find it, and fails or starts empty",
			Fix:      "rename the operator with both its id and its uid",
		},
		{
			ID: "uid-missing", Severity: Warning, check: uidMissing,
			Doc:      "every operator with state has a uid",
			Prevents: "the id is a hash of the job graph: adding, removing or reordering any operator changes it, and the state is not found",
			Fix:      "set uid(…) on the operator; to keep the state, set the old id with setUidHash(…) for one restore",
		},
		{
			ID: "properties", Severity: Warning, check: propertiesKnown,
			Doc:      "the checkpoint's properties are those of a savepoint or checkpoint as Flink writes them (metadata version 4 and later)",
			Prevents: "Flink reads the object by Java serialization: if it is damaged, the restore fails; if it says checkpoint instead of savepoint, Flink may share or delete files",
			Fix:      copyAgain,
		},
		{
			ID: "checkpoint-id", Severity: Warning, check: checkpointID,
			Doc:      "the directory chk-N, _metadata and the handles of native state name the same checkpoint",
			Prevents: "files of different checkpoints that were copied over one another: the restore mixes two points in time",
			Fix:      copyAgain,
		},
	}
}

func fileRules() []*Rule {
	return []*Rule{
		{
			ID: "files-exist", Severity: Error, check: filesExist,
			Doc:      "every file that _metadata refers to is there",
			Prevents: "the restore fails with a FileNotFoundException after tasks were deployed. In a copy taken while the job ran, files of shared/ may have been subsumed meanwhile: the metadata is then whole, and not corrupt",
			Fix:      copyAgain,
		},
		{
			ID: "paths-inside", Severity: Error, check: pathsInside,
			Doc:      "paths in _metadata stay within the snapshot's own tree, or within roots that were allowed",
			Prevents: "a restore that depends on another job's directory, which may be deleted; or a forged snapshot that makes tools read files elsewhere",
			Fix:      "allow the directory with --allow-root DIR if it is meant, or copy the files into the snapshot",
		},
		{
			ID: "file-sizes", Severity: Error, check: fileSizes,
			Doc:      "every file has the size that _metadata records, and segments lie within their files",
			Prevents: "Flink does not compare sizes: a truncated file fails in the middle of the restore, or, ending between two states, loses the rest",
			Fix:      copyAgain,
		},
		{
			ID: "file-identity", Severity: Error, check: fileIdentity,
			Doc:      "one name stands for one content: inline streams of the same name have the same bytes, files of the same path the same size",
			Prevents: "Flink takes streams of one name for the same and keeps only one of them: state of one subtask replaces that of another",
			Fix:      restoreOlder,
		},
		{
			ID: "foreign-files", Severity: Warning, check: foreignFiles,
			Doc:      "all files lie in the snapshot's own tree",
			Prevents: "after a restore in LEGACY mode a checkpoint refers to files of another job: deleting that one breaks this one",
			Fix:      "restore in NO_CLAIM mode, or take a savepoint, before the other directory is deleted",
		},
		{
			ID: "paths-moved", Severity: Warning, check: pathsMoved,
			Doc:      "files lie where _metadata says",
			Prevents: "the restore fails with a FileNotFoundException: Flink follows the absolute paths of the place where the snapshot was written",
			Fix:      "put the files back to where they were, or rewrite the paths",
		},
		{
			ID: "relocatable", Severity: Info, check: relocatable,
			Doc:      "a copy of the directory restores: all files are named relative to _metadata",
			Prevents: "a copied backup that silently still depends on the original",
			Fix:      "take a savepoint: savepoints since Flink 1.11 can be copied",
		},
		{
			ID: "inline-size", Severity: Warning, check: inlineSizes,
			Doc:      "no state inside _metadata is larger than 5 MiB",
			Prevents: "JobManager storage refuses larger states, and the job's next checkpoint fails",
			Fix:      "use file storage for checkpoints, or a smaller execution.checkpointing.data-inline-threshold",
		},
		{
			ID: "leftovers", Severity: Warning, check: leftovers,
			Doc:      "the snapshot's directory holds nothing but what _metadata refers to",
			Prevents: "Flink deletes the directory without recursion: disposing of the snapshot, or claiming it, fails or leaves rubbish behind",
			Fix:      "move the files away; they are left from aborted checkpoints, or were put there by a tool",
		},
		{
			ID: "orphans", Severity: Info, check: orphans,
			Doc:      "every file in shared/ and taskowned/ belongs to a retained checkpoint of the job",
			Prevents: "storage that nobody frees. A running job, or its next checkpoint, may still need the files",
			Fix:      "delete them only after the job was stopped, and after no other job restored from it in LEGACY mode",
		},
	}
}

func keyedRules() []*Rule {
	return []*Rule{
		{
			ID: "keyed-ranges", Severity: Error, check: keyedRanges,
			Doc:      "each subtask's keyed state has the key groups that Flink assigns to that subtask, so that ranges are ordered and disjoint",
			Prevents: "with unchanged parallelism Flink gives handle i to subtask i without looking: keys are then missing where records arrive",
			Fix:      restoreOlder,
		},
		{
			ID: "keyed-complete", Severity: Warning, check: keyedComplete,
			Doc:      "if one subtask has keyed state, all that have not finished do, so that together they hold all key groups",
			Prevents: "the keys of the missing key groups start from nothing. A subtask whose states are registered lazily, and that saw no record, has none legitimately",
			Fix:      "compare the number of keys with an earlier snapshot of the job before restoring",
		},
		{
			ID: "key-group-offsets", Severity: Error, check: keyGroupOffsets,
			Doc:      "key groups follow one another in their stream, begin right after its header, and lie within it",
			Prevents: "the restore reads one key group as another, or fails with an EOFException",
			Fix:      restoreOlder,
		},
		{
			ID: "one-handle-kind", Severity: Error, check: oneKind,
			Doc:      "all subtasks of an operator store keyed state in handles of one kind",
			Prevents: "backends look at the first handle only and fail, or misread the others",
			Fix:      restoreOlder,
		},
		{
			ID: "handle-ids", Severity: Error, check: handleIDs,
			Doc:      "the identities of keyed handles are UUIDs, and each is used once",
			Prevents: "Flink's registry of shared state takes two handles for one and deletes or reuses the wrong files; local recovery reads another subtask's state",
			Fix:      restoreOlder,
		},
		{
			ID: "databases-apart", Severity: Error, check: databaseFiles,
			Doc:      "each native backend has an identity of its own, and no file name twice",
			Prevents: "the next incremental checkpoint after the restore reuses files of the other database",
			Fix:      restoreOlder,
		},
	}
}

func stateRules() []*Rule {
	return []*Rule{
		{
			ID: "state-readable", Severity: Error, check: headersRead,
			Doc:      "the header of every stored piece of state reads: its version, its states, their serializers",
			Prevents: "the restore of the operator fails: \"Could not open state backend\", or an unexpected magic number",
			Fix:      copyAgain,
		},
		{
			ID: "layouts-agree", Severity: Error, check: layoutsAgree,
			Doc:      "layout, compression and key type of an operator's keyed state are the same in all subtasks",
			Prevents: "files of different snapshots that were mixed up: a rescaling restore reads one subtask's state by the other's rules",
			Fix:      copyAgain,
		},
		{
			ID: "states-agree", Severity: Warning, check: statesAgree,
			Doc:      "a state has the same types in all subtasks of an operator",
			Prevents: "a rescaling restore refuses the second description, or migrates by the first",
			Fix:      "restore with unchanged parallelism first, and take a savepoint",
		},
		{
			ID: ruleUnknown, Severity: Info, check: serializersKnown, trouble: unknownBytes,
			Doc:      "tarn knows the format of every value, so that the other rules can look at all of it",
			Prevents: "a clean report about bytes that nobody looked at",
			Fix:      "nothing is wrong with the snapshot: the class's own serializer, or Kryo, defines the format",
		},
		{
			ID: "rocksdb-manifest", Severity: Error, check: rocksManifest,
			Doc:      "MANIFEST and OPTIONS of every RocksDB or ForSt database read, checksums included, and the tables are the handle's files, with their sizes",
			Prevents: "RocksDB refuses to open: \"Corruption: missing files\", or \"SST file size mismatch\"",
			Fix:      copyAgain,
		},
		{
			ID: "compressed-offsets", Severity: Warning, check: wrongOffsets,
			Doc:      "offsets of compressed operator state point to its elements",
			Prevents: "Flink 1.18 wrote wrong ones: a restore with another parallelism repeats the first element and loses the others, without an error",
			Fix:      "restore with unchanged parallelism, without snapshot compression or with Flink 1.19.3 or newer, take a savepoint, and rescale from that",
		},
	}
}

func timerRules() []*Rule {
	return []*Rule{
		{
			ID: "native-savepoint-timers", Severity: Warning, check: nativeTimers,
			Doc:      "a native savepoint of a RocksDB job holds the timers that its operators need",
			Prevents: "with timers on the heap, native savepoints leave out all of them (seen on 1.17, 1.20 and 2.3), and a restore says nothing: windows never fire, state is never cleaned up",
			Fix:      newSavepoint + ", or use an incremental checkpoint of the job, which keeps them",
		},
		{
			ID: "window-timers", Severity: Warning, check: windowTimers,
			Doc:      "operators with windows or pattern matching have timer queues",
			Prevents: "windows that never fire and are never cleaned up",
			Fix:      newSavepoint,
		},
		{
			ID: "windows-fire", Severity: Warning, Deep: true, check: windowsFire,
			Doc:      "if windows hold elements, there are timers",
			Prevents: "windows that never fire and are never cleaned up",
			Fix:      "restore from an earlier snapshot whose timers are there",
		},
		{
			ID: "timers-alone", Severity: Info, check: timersAlone,
			Doc:      "timers stand beside keyed state",
			Prevents: "nothing by itself: jobs may set timers without state. If the state was dropped on purpose, its timers still fire",
			Fix:      "compare with an earlier snapshot of the job if state is expected",
		},
	}
}

func operatorRules() []*Rule {
	return []*Rule{
		{
			ID: "operator-offsets", Severity: Error, check: operatorOffsets,
			Doc:      "partitions of operator state follow one another in their stream and do not share a place; broadcast state has one",
			Prevents: "elements are read from the wrong place: lost, repeated, or misread",
			Fix:      restoreOlder,
		},
		{
			ID: "operator-modes", Severity: Error, check: operatorModes,
			Doc:      "_metadata and the state's own header agree on which operator states there are, and how each is dealt out: split, union or broadcast",
			Prevents: "a restore that gives each subtask a share of what all need, or all of what each should have a share of: source positions are lost or read many times",
			Fix:      restoreOlder,
		},
		{
			ID: "finished-operators", Severity: Error, check: finishedOperators,
			Doc:      "a finished operator holds no state, and one with union state is not partly finished",
			Prevents: "Flink refuses the snapshot, or restores a union state from which the finished subtasks' share is missing",
			Fix:      restoreOlder,
		},
		{
			ID: "source-coordinators", Severity: Error, check: coordinators,
			Doc:      "a source whose readers hold splits has the state of its coordinator",
			Prevents: "the enumerator starts anew and assigns splits that readers already have: records are read twice",
			Fix:      restoreOlder,
		},
		{
			ID: "coordinator-names", Severity: Warning, check: coordinatorNames,
			Doc:      "coordinator state is stored under the name of the operator's id",
			Prevents: "an operator that was renamed by halves: coordinator state is looked up by the generated id alone",
			Fix:      "rename the operator with its coordinator's state",
		},
		{
			ID: "savepoint-channels", Severity: Error, check: savepointChannels,
			Doc:      "a savepoint holds no in-flight data",
			Prevents: "Flink makes no such savepoints: the job graph cannot be changed, and the records between operators are replayed or lost",
			Fix:      newSavepoint,
		},
		{
			ID: "in-flight", Severity: Info, check: tiedToGraph,
			Doc:      "the checkpoint holds no in-flight data, and so restores into a changed job",
			Prevents: "a restore into a changed graph that Flink refuses",
			Fix:      "take a savepoint or an aligned checkpoint to change the job",
		},
		{
			ID: "channel-offsets", Severity: Error, check: channelOffsets,
			Doc:      "buffers of in-flight data lie in their streams, add up, and belong to the subtask that stores them",
			Prevents: "records between operators are lost or go to another subtask",
			Fix:      restoreOlder,
		},
	}
}

func entryRules() []*Rule {
	return []*Rule{
		{
			ID: "key-in-group", Severity: Error, Deep: true, begin: keyInGroup, trouble: inAnotherGroup,
			Doc:      "every key and every timer is in the key group that its hash code gives, recomputed from its bytes",
			Prevents: "state that is never found again: records of the key go to the subtask of the right key group, and start from nothing",
			Fix:      restoreOlder + "; a key class whose hashCode changed, or an enum in a key, does this too",
		},
		{
			ID: "entry-decodes", Severity: Error, Deep: true, begin: entryDecodes, trouble: anyTrouble,
			Doc:      "every entry can be read: compressed blocks match their checksums, counts and lengths their content, and keys and values decode to their last byte",
			Prevents: "a restore, or the first access to the key, that fails or gives another value. Flink does not check the sums of compressed state",
			Fix:      restoreOlder,
		},
		{
			ID: "rocksdb-tables", Severity: Error, Deep: true, check: rocksTables,
			Doc:      "every block of every table of RocksDB or ForSt matches its checksum, keys are in order, and counts and bounds are those that the table and MANIFEST declare",
			Prevents: "RocksDB finds out when the block is read, perhaps hours after the restore: \"Corruption: block checksum mismatch\"",
			Fix:      restoreOlder,
		},
		{
			ID: "value-sizes", Severity: Error, Deep: true, begin: valueSizes,
			Doc:      "no key, value or list has more than 2³¹ − 1 bytes",
			Prevents: "RocksDB merges list elements without a limit, and the next read of the list fails: a Java array cannot hold it",
			Fix:      "split the list, or give the state TTL, before it grows further; the value is lost to Flink",
		},
		{
			ID: "null-map-values", Severity: Info, Deep: true, begin: nullMapValues,
			Doc:      "no map state holds null values",
			Prevents: "the HashMap backend fails to write them into a savepoint (NullPointerException), although RocksDB does",
			Fix:      "stay with RocksDB, or remove the entries, before changing the backend",
		},
	}
}

func sealRules() []*Rule {
	return []*Rule{
		{
			ID: ruleSeal, Severity: Error, check: sealKept,
			Doc:      "the snapshot has the files that it was sealed with, of the same sizes, and the same _metadata",
			Prevents: "a snapshot that was changed, or partly replaced, after it was known to be good",
			Fix:      copyAgain,
		},
		{
			ID: ruleSealDeep, Severity: Error, Deep: true, check: sealContent,
			Doc:      "every file has the checksum that it was sealed with, and every state the number of entries",
			Prevents: "damage inside values, for which Flink's formats have no redundancy: a flipped bit in a number is another number",
			Fix:      copyAgain,
		},
	}
}

func policyRules() []*Rule {
	return []*Rule{
		{
			ID: "policy-no-kryo", Severity: Error, Policy: true, check: noKryo, applies: func(p *Policy) bool { return p.NoKryo },
			Doc:      "no state is serialized by Kryo",
			Prevents: "Kryo's bytes depend on class versions and registration order; from Flink 1.x to 2.x (Kryo 2 to 5) they are misread without an error",
			Fix:      "give the class a POJO, Avro or own serializer, and migrate the state before upgrading",
		},
		{
			ID: "policy-uids", Severity: Error, Policy: true, check: uidsSet, applies: func(p *Policy) bool { return p.RequireUIDs },
			Doc:      "every operator with state has a known uid",
			Prevents: "state that is not found once the job graph changes",
			Fix:      "set uid(…) on every operator; of metadata before version 5 name the uids with --uids FILE",
		},
		{
			ID: rulePolicyTTL, Severity: Error, Policy: true, check: ttlSet, applies: func(p *Policy) bool { return len(p.RequireTTL) > 0 },
			Doc:      "keyed states that must expire have TTL",
			Prevents: "state that grows for ever",
			Fix:      "enable StateTtlConfig on the state; before Flink 2.0 that needs new state",
		},
		{
			ID: "policy-compression", Severity: Error, Policy: true, check: compressed, applies: func(p *Policy) bool { return p.Compression },
			Doc:      "keyed state in streams is compressed",
			Prevents: "snapshots that take more space and time than they have to",
			Fix:      "set execution.checkpointing.snapshot-compression: true",
		},
		{
			ID: rulePolicySize, Severity: Error, Policy: true, check: operatorSize, applies: func(p *Policy) bool { return p.MaxOperatorBytes != 0 },
			Doc:      "no operator has more state than the policy allows",
			Prevents: "restores and checkpoints that take longer than their timeouts",
			Fix:      "look at tarn inspect --count for the states that grew",
		},
		{
			ID: rulePolicySkew, Severity: Error, Policy: true, check: skew, applies: func(p *Policy) bool { return p.MaxSkew != 0 },
			Doc:      "keyed state is spread evenly enough over the subtasks",
			Prevents: "one subtask that holds up every checkpoint and the whole restore",
			Fix:      "look for hot keys, or choose a max parallelism that the parallelism divides",
		},
		{
			ID: rulePolicyAge, Severity: Error, Policy: true, check: maxAge, applies: func(p *Policy) bool { return p.MaxAge != 0 },
			Doc:      "the snapshot is recent enough",
			Prevents: "a restore that replays more than the sources keep",
			Fix:      "take a new savepoint",
		},
	}
}
