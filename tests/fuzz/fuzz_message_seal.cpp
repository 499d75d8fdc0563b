// Arbitrary bytes as a sealed message's text: never a crash; and as the parts of a message: sealed and read back, they
// are the same bytes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "pipeline/message_seal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sqs2pg::pipeline;
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (auto read = from_sealable_text(bytes)) {
        auto again = from_sealable_text(to_sealable_text(*read));
        if (!again || again->body != read->body || again->attributes.size() != read->attributes.size()) std::abort();
    }
    Received message;
    message.body = bytes.substr(0, size / 2);
    message.group_id = bytes.substr(size / 2);
    message.attributes.push_back({std::string(message.group_id), "Binary", std::string(message.body)});
    auto back = from_sealable_text(to_sealable_text(message));
    if (!back || back->body != message.body || back->group_id != message.group_id) std::abort();
    if (back->attributes.size() != 1 || back->attributes[0].name != message.group_id) std::abort();
    if (back->attributes[0].value != message.body) std::abort();
    return 0;
}
