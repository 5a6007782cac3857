// scan reads one column family of RocksDB directories with RocksDB's own iterator and prints what it found: the limit that tarn is
// measured beside. "*" reads all families.
//
//	c++ -O2 -o scan scan.cc -lrocksdb
//	scan FAMILY DIR…
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/options.h>

// What Flink calls stringappendtest: operands joined by commas.
class Append : public rocksdb::AssociativeMergeOperator {
 public:
  bool Merge(const rocksdb::Slice&, const rocksdb::Slice* before, const rocksdb::Slice& value, std::string* result,
             rocksdb::Logger*) const override {
    if (before != nullptr) {
      result->assign(before->data(), before->size());
      result->push_back(',');
    }
    result->append(value.data(), value.size());
    return true;
  }
  const char* Name() const override { return "StringAppendTESTOperator"; }
};

int main(int argc, char** argv) {
  const std::string wanted = argv[1];
  unsigned long long entries = 0, bytes = 0;
  for (int i = 2; i < argc; i++) {
    rocksdb::DBOptions options;
    rocksdb::ColumnFamilyOptions family;
    family.merge_operator = std::make_shared<Append>();
    std::vector<std::string> names;
    auto s = rocksdb::DB::ListColumnFamilies(options, argv[i], &names);
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const auto& n : names) families.emplace_back(n, family);
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    if (s.ok()) s = rocksdb::DB::OpenForReadOnly(options, argv[i], families, &handles, &db);
    if (!s.ok()) {
      fprintf(stderr, "%s: %s\n", argv[i], s.ToString().c_str());
      return 1;
    }
    for (auto* h : handles) {
      if (wanted == "*" || h->GetName() == wanted) {
        rocksdb::ReadOptions read;
        read.verify_checksums = true;
        read.fill_cache = false;
        std::unique_ptr<rocksdb::Iterator> it(db->NewIterator(read, h));
        for (it->SeekToFirst(); it->Valid(); it->Next()) {
          entries++;
          bytes += it->key().size() + it->value().size();
        }
        if (!it->status().ok()) return 1;
      }
      delete h;
    }
    delete db;
  }
  printf("%llu %llu\n", entries, bytes);
}
