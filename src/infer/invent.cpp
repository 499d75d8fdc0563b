// Columns for a table that is not there yet, see columns.h.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "infer/columns.h"
#include "infer/names.h"
#include "infer/types.h"

namespace sqs2pg::infer {

namespace {

// The last member's name where that is free, else more of the path in front of it.
std::string free_name(const Leaf& leaf, bool masked, std::set<std::string>& taken) {
    const auto path = path_of(*leaf.place);
    std::string written;
    std::string name;
    for (std::size_t steps = 1; steps <= path.size(); ++steps) {
        written = path[path.size() - steps].member + (written.empty() ? "" : "_") + written;
        name = column_name((masked ? "masked_" : "") + written);
        if (taken.insert(name).second) return name;
    }
    for (int number = 2;; ++number) {
        auto next = fmt::format("{}_{}", name.substr(0, 58), number);
        if (taken.insert(next).second) return next;
    }
}

std::string seen_in(const Place& place, std::uint32_t messages) {
    const auto absent = messages - place.messages;
    const auto nulls = place.values.nulls;
    if (absent == 0 && nulls == 0) return {};
    if (absent == 0) return fmt::format("null in {} of {}", nulls, messages);
    if (nulls == 0) return fmt::format("absent in {} of {}", absent, messages);
    return fmt::format("absent in {}, null in {} of {}", absent, nulls, messages);
}

void describe_plain(const Leaf& leaf, ProposedColumn& column) {
    auto type = type_for(*leaf.place);
    column.column = std::move(type.column);
    column.rule.convert = type.convert;
    if (!type.remark.empty()) column.remarks.push_back(std::move(type.remark));
    if (!leaf.personal_below.empty()) {
        column.active = false;
        column.remarks.push_back(
            fmt::format("holds what looks personal, unmasked: {}", fmt::join(leaf.personal_below, ", ")));
    }
}

void describe_personal(const Leaf& leaf, ProposedColumn& column) {
    column.remarks.push_back("looks like " + reason_for(*leaf.spotted));
    column.column = column_of(pg::TypeClass::Text);
    const auto mask = mask_for(leaf.spotted->kind, pg::TypeClass::Text);
    if (!mask || mask->drop) return;
    set_mask(column, *mask);
    if (!mask->alternative.empty()) column.remarks.push_back("or " + mask->alternative);
}

ProposedColumn column_for(const Leaf& leaf, std::uint32_t messages, std::set<std::string>& taken) {
    ProposedColumn column;
    column.spotted = leaf.spotted;
    column.rule.from = source_of(*leaf.place);
    const bool masked = leaf.spotted && leaf.spotted->sure;
    if (masked) {
        describe_personal(leaf, column);
    } else {
        describe_plain(leaf, column);
        if (leaf.spotted) column.remarks.push_back("may be " + reason_for(*leaf.spotted) + ": mask it then");
    }
    const bool renamed = masked && column.rule.mask.has_value();
    column.rule.column = free_name(leaf, renamed, taken);
    column.column.name = column.rule.column;
    const auto& values = leaf.place->values;
    const auto absent = messages - leaf.place->messages;
    column.rule.optional = absent > 0;
    column.column.not_null = absent == 0 && values.nulls == 0 && !(masked && values.empty > 0);
    if (auto seen = seen_in(*leaf.place, messages); !seen.empty()) column.remarks.push_back(std::move(seen));
    return column;
}

ProposedColumn metadata_column(std::string_view from, pipeline::Metadata metadata, std::string name,
                               pg::TypeClass type) {
    ProposedColumn column;
    column.rule.column = std::move(name);
    column.rule.from.text = from;
    column.rule.from.metadata = metadata;
    column.column = column_of(type);
    column.column.name = column.rule.column;
    column.column.not_null = true;
    return column;
}

// Members whose names are data make no columns, so that the message goes into one as it is.
void take_body(const Profile& profile, ProposedRoute& route, std::set<std::string>& taken) {
    taken.insert("body");
    auto column = metadata_column("$body", pipeline::Metadata::Body, "body", pg::TypeClass::Jsonb);
    column.remarks.emplace_back("the names in the messages are data, so that they are no columns");
    if (profile.root().personal_names) {
        column.active = false;
        column.remarks.emplace_back("and they look personal");
    }
    route.columns.push_back(std::move(column));
}

}  // namespace

void invent_table(const Analysis::Part& part, ProposedRoute& route, std::vector<Note>& notes) {
    std::set<std::string> taken;
    if (is_map(part.profile.root())) take_body(part.profile, route, taken);
    for (const auto& leaf : leaves_of(part.profile, false)) {
        if (leaf.spotted && leaf.spotted->kind == Personal::Secret && leaf.spotted->sure) {
            route.unmapped_paths.emplace_back(leaf.path, "looks like a secret and belongs into no table");
            continue;
        }
        if (is_map(*leaf.place) && leaf.place->values.objects > 0) {
            notes.push_back({Weight::Info, "map", leaf.path,
                             "an object whose members' names are data: one jsonb column, and the names stand in it"});
        }
        route.columns.push_back(column_for(leaf, part.profile.messages(), taken));
    }
    for (const auto* name : {"sent_at", "queued_at", "sqs_sent_at"}) {
        if (!taken.insert(name).second) continue;
        auto sent = metadata_column("$sent_at", pipeline::Metadata::SentAt, name, pg::TypeClass::TimestampTz);
        sent.remarks.emplace_back("when the queue took the message");
        route.columns.push_back(std::move(sent));
        break;
    }
}

}  // namespace sqs2pg::infer
