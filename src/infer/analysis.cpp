// The sample in kinds, see proposal.h.
#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "infer/names.h"
#include "infer/proposal.h"

namespace sqs2pg::infer {

namespace {

constexpr std::size_t kFewMessages = 20;

std::string_view s(std::size_t count) { return count == 1 ? "" : "s"; }

Profile profile_of(Sample& sample, const std::vector<std::uint32_t>& messages) {
    Profile profile;
    for (const auto number : messages) profile.add(sample.messages()[number].body);
    return profile;
}

std::vector<std::uint32_t> without(const std::vector<std::uint32_t>& messages, const std::vector<std::uint32_t>& less) {
    std::vector<std::uint32_t> rest;
    std::ranges::copy_if(messages, std::back_inserter(rest),
                         [&](auto number) { return std::ranges::find(less, number) == less.end(); });
    return rest;
}

// Messages that have hardly anything in common, and nothing that tells them apart.
bool have_nothing_in_common(const Profile& profile) {
    if (profile.messages() < 4 || profile.root().members.size() < 4) return false;
    return std::ranges::none_of(profile.root().members,
                                [&](const auto& member) { return member->messages * 2 > profile.messages(); });
}

void add_part(Sample& sample, Kind kind, Analysis& analysis) {
    const auto strays = find_strays(sample, kind.messages);
    analysis.strays.insert(analysis.strays.end(), strays.begin(), strays.end());
    Analysis::Part part{{}, without(kind.messages, strays), {}};
    part.profile = profile_of(sample, part.messages);
    part.kind = std::move(kind);
    analysis.parts.push_back(std::move(part));
}

void note_kinds(const Kinds& kinds, std::size_t routed, std::size_t messages, Analysis& analysis) {
    std::size_t taken = 0;
    for (const auto& part : analysis.parts) taken += part.kind.messages.size();
    auto sentence = fmt::format("{} values tell {} kinds of message apart", kinds.values, kinds.kinds.size());
    if (routed < kinds.kinds.size()) {
        sentence += fmt::format(
            "; the {} most frequent have a route ({} of {} messages), the others become dead "
            "letters (no_route) until they have one: the file names {} of them in comments, and --routes N proposes "
            "theirs",
            routed, taken, messages, std::min(kinds.kinds.size() - routed, kMostFurther));
    }
    analysis.notes.push_back(
        {routed < kinds.kinds.size() ? Weight::Warning : Weight::Info, "kinds", kinds.from.text, sentence});
    if (!kinds.without.empty()) {
        analysis.notes.push_back({Weight::Warning, "no_kind", kinds.from.text,
                                  fmt::format("{} message{} have no such member, or none that names a kind: dead "
                                              "letters (no_route)",
                                              kinds.without.size(), s(kinds.without.size()))});
    }
}

void note_sample(const Sample& sample, const Analysis& analysis, std::vector<Note>& notes) {
    const auto messages = sample.messages().size();
    if (messages < kFewMessages) {
        notes.push_back({Weight::Warning, "few_messages", "sample",
                         fmt::format("{} message{} only: what is optional, and how long texts may be, shows in more of "
                                     "them",
                                     messages, s(messages))});
    }
    if (!analysis.strays.empty()) {
        notes.push_back(
            {Weight::Warning, "strays", "sample",
             fmt::format("{} message{} lack{} more than half of what the others have, and {} put aside: "
                         "such messages become dead letters (missing_field)",
                         analysis.strays.size(), s(analysis.strays.size()), analysis.strays.size() == 1 ? "s" : "",
                         analysis.strays.size() == 1 ? "was" : "were")});
    }
}

}  // namespace

std::string_view name_of(Weight weight) noexcept {
    return weight == Weight::Info ? "note" : weight == Weight::Warning ? "warning" : "error";
}

Analysis analyse(Sample& sample, std::size_t most_routes) {
    Analysis analysis;
    std::vector<std::uint32_t> all(sample.messages().size());
    std::iota(all.begin(), all.end(), 0u);
    if (all.empty()) return analysis;
    auto profile = profile_of(sample, all);
    analysis.kinds = find_kinds(profile, sample);
    if (analysis.kinds) {
        const auto& kinds = analysis.kinds->kinds;
        const auto routed = std::min(most_routes, kinds.size());
        for (std::size_t i = 0; i < routed; ++i) add_part(sample, kinds[i], analysis);
        note_kinds(*analysis.kinds, routed, all.size(), analysis);
    } else {
        add_part(sample, Kind{{}, all}, analysis);
        if (have_nothing_in_common(analysis.parts.front().profile)) {
            analysis.notes.push_back({Weight::Warning, "shapes", "sample",
                                      "messages of different shapes, and no member that tells them apart: all their "
                                      "members are optional columns of one table; better send each kind to its own "
                                      "queue, or with a member such as `type`"});
        }
    }
    if (profile.full()) {
        analysis.notes.push_back({Weight::Warning, "many_places", "sample",
                                  fmt::format("more than {} different paths: the rest is not looked at", kMostPlaces)});
    }
    note_sample(sample, analysis, analysis.notes);
    return analysis;
}

pg::TableName table_of_kind(const pg::TableName& table, const Kind& kind) {
    return {table.schema, column_name(table.table + "_" + kind.values.front())};
}

std::vector<pg::TableName> tables_of_kind(const pg::TableName& table, const Kind& kind) {
    const auto plain = column_name(kind.values.front());
    return {table_of_kind(table, kind), {table.schema, plain}, {table.schema, plain + "s"}};
}

}  // namespace sqs2pg::infer
