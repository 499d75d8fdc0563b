// Arbitrary bytes as a message body: never a crash; what decodes is found again when decoded a second time.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "pipeline/decode.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sqs2pg::pipeline;
    static const std::vector<std::vector<PathStep>> paths = {parse_source("a")->path, parse_source("a.b")->path,
                                                             parse_source("a[1].c")->path, parse_source("d")->path};
    static Decoder decoder(paths);
    std::string body(reinterpret_cast<const char*>(data), size);
    auto copy = body;
    auto first = decoder.decode(body);
    std::vector<JsonKind> kinds;
    if (first) {
        for (const auto& value : *first) kinds.push_back(value.kind);
    }
    if (body != copy) std::abort();
    auto second = decoder.decode(copy);
    if (first.has_value() != second.has_value()) std::abort();
    for (std::size_t i = 0; second && i < kinds.size(); ++i) {
        if ((*second)[i].kind != kinds[i]) std::abort();
    }
    (void)parse_source(body);
    return 0;
}
