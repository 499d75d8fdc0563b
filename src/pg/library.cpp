// See library.h.
#include "pg/library.h"

#include <fmt/format.h>
#include <libpq-fe.h>

namespace sqs2pg::pg {

std::string library_version() {
    const int version = PQlibVersion();  // 150009
    return fmt::format("{}.{}", version / 10'000, version % 10'000);
}

}  // namespace sqs2pg::pg
