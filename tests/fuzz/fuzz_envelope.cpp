// Arbitrary bytes as a message in every kind of envelope, and as the object that a pointer names: never a crash, the
// message stays as it was, what opens once opens again to the same, and nothing becomes larger than it may.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "pipeline/envelope.h"

namespace {

using namespace sqs2pg::pipeline;

constexpr std::size_t kMostBytes = 64u << 10;

struct Opener {
    explicit Opener(std::vector<Unwrap> steps) : envelope(make(std::move(steps))) {}

    Envelope make(std::vector<Unwrap> steps) {
        PipelineOptions options;
        options.unwrap = std::move(steps);
        options.max_unwrapped_bytes = kMostBytes;
        std::vector<Source> wanted{parse_source("$attributes.kind").value()};
        for (auto text : {"$envelope.TopicArn", "$envelope.resources[0]", "$envelope.s3Key"}) {
            if (auto source = parse_source(text, options.unwrap)) wanted.push_back(*source);
        }
        return {options, wanted};
    }

    void try_on(const std::string& body, const std::string& attribute, std::string* object) {
        Received message;
        message.body = body;
        message.attributes = {{"Content-Encoding", "String", attribute}};
        auto ref = envelope.object_of(message);
        auto* given = ref && *ref ? object : nullptr;
        auto opened = envelope.open(message, given);
        if (message.body != body) std::abort();
        if (!opened) return;
        const std::string found(opened->body.text);
        if (found.size() > std::max({kMostBytes, body.size(), object->size()})) std::abort();
        auto again = envelope.open(message, given);
        if (!again || again->body.text != found) std::abort();
    }

    Envelope envelope;
};

}  // namespace

// The first byte chooses; the rest is an attribute up to the first newline, then the body, which is the object too.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using enum Unwrap;
    static Opener openers[] = {Opener({Sns}),
                               Opener({EventBridge}),
                               Opener({S3Pointer, Encoding}),
                               Opener({Gzip}),
                               Opener({Base64}),
                               Opener({Encoding}),
                               Opener({Sns, EventBridge}),
                               Opener({Sns, S3Pointer, Gzip}),
                               Opener({Base64, Gzip, Sns})};
    if (size == 0) return 0;
    const std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto line = rest.find('\n');
    const auto attribute = line == rest.npos ? std::string() : rest.substr(0, line);
    const auto body = line == rest.npos ? rest : rest.substr(line + 1);
    auto object = body;
    openers[data[0] % std::size(openers)].try_on(body, attribute, &object);
    (void)parse_source(rest, std::vector{Sns, EventBridge, S3Pointer});
    return 0;
}
