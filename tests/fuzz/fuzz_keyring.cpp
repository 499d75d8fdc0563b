// Arbitrary bytes as a key file: never a crash; what is read can be written and read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "privacy/keyring.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using sqs2pg::privacy::Keyring;
    auto ring = Keyring::parse(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz");
    if (!ring) {
        if (ring.error().detail.empty()) std::abort();
        return 0;
    }
    auto again = Keyring::parse(ring->to_yaml().reveal(), "again");
    if (!again || again->ids() != ring->ids() || again->active_id() != ring->active_id()) std::abort();
    for (const auto& id : ring->ids()) {
        if (again->root(id)->reveal() != ring->root(id)->reveal()) std::abort();
    }
    return 0;
}
