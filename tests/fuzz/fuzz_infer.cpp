// Arbitrary bytes as messages, one a line: never a crash, a bounded number of places, and a proposal that can be
// written down.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "infer/judge.h"
#include "infer/proposal.h"
#include "infer/yaml_text.h"

namespace {

std::size_t places(const sqs2pg::infer::Place& place) {
    std::size_t count = 1;
    for (const auto& member : place.members) count += places(*member);
    if (place.elements) count += places(*place.elements);
    if (place.others) count += places(*place.others);
    return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sqs2pg;
    std::string_view text(reinterpret_cast<const char*>(data), size);
    infer::Sample sample;
    std::uint64_t line = 0;
    while (!text.empty() && line < 64) {
        const auto end = std::min(text.find('\n'), text.size());
        pipeline::Received message;
        message.body = text.substr(0, end);
        message.sent_ms = 1'700'000'000'000;
        sample.add(std::move(message), ++line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (sample.messages().empty()) return 0;
    auto analysis = infer::analyse(sample, 5);
    for (const auto& part : analysis.parts) {
        if (places(part.profile.root()) > infer::kMostPlaces + 1) std::abort();
    }
    infer::ProposeOptions options;
    options.queue = "queue";
    options.table = {"", "things"};
    auto proposal = infer::propose(sample, analysis, options);
    infer::judge_proposal(sample, analysis, proposal);
    if (infer::yaml_of(proposal, {}, {}).empty()) std::abort();
    (void)infer::sql_of(proposal);
    return 0;
}
