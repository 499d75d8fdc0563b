// Reading the files that a configuration stands in or names.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace sqs2pg::config {

inline constexpr std::size_t kMostPasswordBytes = 4096;

struct SmallFile {
    std::string text;
    bool world_readable = false;
};

// Up to `most` bytes. Kind Configuration; the detail goes on a sentence that names the path ("is not there").
Result<SmallFile> read_small_file(const std::string& path, std::size_t most);

// The path itself if it is no folder; else its *.yaml and *.yml files by name, without hidden ones. The detail of an
// error goes on a sentence that names the path.
Result<std::vector<std::string>> configuration_files(const std::string& path);

}  // namespace sqs2pg::config
