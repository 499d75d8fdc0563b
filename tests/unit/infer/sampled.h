// Messages as the inference takes them, for its tests.
#pragma once

#include <string>
#include <vector>

#include "infer/judge.h"
#include "infer/proposal.h"
#include "infer/yaml_text.h"

namespace sqs2pg::infer {

inline Sample sample_of(const std::vector<std::string>& bodies) {
    Sample sample;
    std::uint64_t place = 0;
    for (const auto& body : bodies) {
        pipeline::Received message;
        message.body = body;
        message.sent_ms = 1'700'000'000'000;
        sample.add(std::move(message), ++place);
    }
    return sample;
}

inline Proposal proposal_for(Sample& sample, std::vector<pg::TableShape> live = {}, std::size_t routes = 12) {
    auto analysis = analyse(sample, routes);
    ProposeOptions options;
    options.queue = "queue";
    options.table = {"", "things"};
    for (auto& table : live) options.live.emplace(table.name.table, table);
    auto proposal = propose(sample, analysis, options);
    judge_proposal(sample, analysis, proposal);
    return proposal;
}

inline const ProposedColumn* column_in(const ProposedRoute& route, const std::string& name) {
    for (const auto& column : route.columns) {
        if (column.rule.column == name) return &column;
    }
    return nullptr;
}

inline bool has_note(const Proposal& proposal, const std::string& code) {
    for (const auto& note : proposal.notes) {
        if (note.code == code) return true;
    }
    return false;
}

}  // namespace sqs2pg::infer
