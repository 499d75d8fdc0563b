// See open_files.h.
#include "cli/open_files.h"

#include <sys/resource.h>

#include <algorithm>

namespace sqs2pg::cli {

namespace {

// Enough for a hundred workers. Programs that we start inherit it, and some close each number up to it.
constexpr rlim_t kEnough = 65'536;

}  // namespace

void allow_many_open_files() noexcept {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    const auto wanted = std::min(limit.rlim_max, kEnough);
    if (limit.rlim_cur >= wanted) return;
    limit.rlim_cur = wanted;
    setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace sqs2pg::cli
