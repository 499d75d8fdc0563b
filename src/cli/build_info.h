// Which build this is: version, commit, how it was compiled, and the libraries under it. For `sqs2pg version`,
// `--version`, /status and the processes that `sqs2pg status` shows.
#pragma once

#include <string>
#include <vector>

namespace sqs2pg::cli {

struct Library {
    std::string name;
    std::string compiled;  // the version whose headers were compiled in; empty where it cannot be told
    std::string running;   // that of the shared library in use; empty where it cannot be told
};

struct BuildInfo {
    std::string version;     // "0.1.0"
    std::string commit;      // 40 digits, or what the build was told; empty: not known
    bool dirty = false;      // tracked files differed from the commit
    std::string compiler;    // "clang 19.1.7"
    std::string build_type;  // "Release"
    std::string sanitizers;  // "address,undefined"; empty: none
    std::string arch;        // -march; empty: the baseline of the platform
    bool lto = false;
    std::vector<Library> libraries;
};

const BuildInfo& build_info();

// `sqs2pg 0.1.0 (8c391949d3f2)`, with `, changed` of a dirty tree, or `(commit unknown)`.
std::string version_line(const BuildInfo& info);

// The line, and everything else a line each.
std::string version_text(const BuildInfo& info);
std::string version_json(const BuildInfo& info);

}  // namespace sqs2pg::cli
