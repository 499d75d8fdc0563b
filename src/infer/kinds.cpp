// Finds what tells messages apart, see kinds.h.
#include "infer/kinds.h"

#include <algorithm>
#include <array>
#include <map>

#include "infer/names.h"
#include "infer/personal.h"
#include "pipeline/decode.h"

namespace sqs2pg::infer {

namespace {

constexpr std::uint32_t kSeldom = 5;    // percent of a kind's messages that have a member…
constexpr std::uint32_t kUsually = 90;  // …and from here on the kind has it
constexpr std::size_t kLongestKind = 64;

struct Candidate {
    const Place* place = nullptr;
    bool named = false;  // its name says that it tells kinds apart
    pipeline::Source from;
    std::map<std::string, std::vector<std::uint32_t>> messages;  // by value
    std::vector<std::uint32_t> without;
    std::size_t split = 0;  // members that some kinds have and others do not
};

bool names_kind(const Place& place) {
    constexpr auto kNames = std::to_array<std::string_view>(
        {"type",        "kind",       "event",        "eventtype",   "eventname",   "messagetype",     "msgtype",
         "messagekind", "recordtype", "action",       "operation",   "op",          "topic",           "schema",
         "entity",      "entitytype", "detailtype",   "objecttype",  "typ",         "category",        "class",
         "command",     "changetype", "documenttype", "requesttype", "payloadtype", "notificationtype"});
    return std::ranges::find(kNames, joined(words_of(place.name))) != kNames.end();
}

// A short name: letters first, no long number, nothing that looks like a person's.
bool is_kind_name(std::string_view text) {
    if (text.empty() || text.size() > kLongestKind || is_data_like_name(text)) return false;
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
               c == '.' || c == ':' || c == '/' || c == ' ';
    };
    const char first = text.front();
    return ((first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z')) && std::ranges::all_of(text, allowed);
}

bool could_tell(const Place& place, std::uint32_t messages) {
    const auto& values = place.values;
    if (values.strings == 0 || values.strings != values.scalars() || values.objects + values.arrays > 0) return false;
    if (values.many || values.distinct.size() < 2 || values.distinct.size() > kMostKinds) return false;
    if (place.messages * 10 < messages * 6 || spot(place, false)) return false;
    return values.distinct.size() * 2 <= messages;
}

void collect(const Place& object, int depth, std::uint32_t messages, std::vector<Candidate>& found) {
    for (const auto& member : object.members) {
        if (could_tell(*member, messages)) {
            Candidate candidate;
            candidate.place = member.get();
            candidate.named = names_kind(*member);
            candidate.from.path = path_of(*member);
            candidate.from.text = text_of(*member);
            found.push_back(std::move(candidate));
        }
        if (depth < 2 && !is_map(*member)) collect(*member, depth + 1, messages, found);
    }
}

// The value of each candidate in each message.
void read_values(std::vector<Candidate>& candidates, Sample& sample) {
    std::vector<std::vector<pipeline::PathStep>> paths;
    for (const auto& candidate : candidates) paths.push_back(candidate.from.path);
    pipeline::Decoder decoder(paths);
    for (std::uint32_t number = 0; number < sample.messages().size(); ++number) {
        const auto values = decoder.decode(sample.messages()[number].body);
        for (std::size_t i = 0; values && i < candidates.size(); ++i) {
            const auto& value = (*values)[i];
            if (value.kind == pipeline::JsonKind::String && is_kind_name(value.text)) {
                candidates[i].messages[std::string(value.text)].push_back(number);
            } else {
                candidates[i].without.push_back(number);
            }
        }
    }
}

// Where messages of one kind may differ from those of another: members of the root and of objects in it.
struct Members {
    std::vector<std::vector<pipeline::PathStep>> paths;
    std::vector<std::vector<bool>> has;  // by message, then by path

    Members(const Profile& profile, Sample& sample) {
        for (const auto& member : profile.root().members) {
            paths.push_back(path_of(*member));
            if (is_map(*member)) continue;
            for (const auto& below : member->members) paths.push_back(path_of(*below));
        }
        pipeline::Decoder decoder(paths);
        for (auto& message : sample.messages()) {
            auto& own = has.emplace_back(paths.size(), false);
            const auto values = decoder.decode(message.body);
            for (std::size_t i = 0; values && i < paths.size(); ++i) {
                own[i] = (*values)[i].kind != pipeline::JsonKind::Absent;
            }
        }
    }

    // How many percent of the messages have each member.
    std::vector<std::uint32_t> presence(const std::vector<std::uint32_t>& messages) const {
        std::vector<std::uint32_t> percent(paths.size(), 0);
        for (const auto number : messages) {
            for (std::size_t i = 0; i < paths.size(); ++i) percent[i] += has[number][i] ? 1 : 0;
        }
        for (auto& count : percent) count = count * 100 / static_cast<std::uint32_t>(messages.size());
        return percent;
    }
};

using Presence = std::vector<std::uint32_t>;

std::size_t split_members(const std::vector<Presence>& kinds) {
    std::size_t split = 0;
    for (std::size_t i = 0; !kinds.empty() && i < kinds.front().size(); ++i) {
        const auto usual = std::ranges::any_of(kinds, [i](const auto& kind) { return kind[i] >= kUsually; });
        const auto seldom = std::ranges::any_of(kinds, [i](const auto& kind) { return kind[i] <= kSeldom; });
        split += usual && seldom ? 1 : 0;
    }
    return split;
}

// No member that one has and the other does not.
bool alike(const Presence& one, const Presence& other) {
    for (std::size_t i = 0; i < one.size(); ++i) {
        if ((one[i] >= kUsually && other[i] <= kSeldom) || (other[i] >= kUsually && one[i] <= kSeldom)) return false;
    }
    return true;
}

Kinds group(Candidate candidate, const Members& members) {
    std::vector<std::pair<std::string, std::vector<std::uint32_t>>> values(candidate.messages.begin(),
                                                                           candidate.messages.end());
    std::ranges::sort(values, [](const auto& a, const auto& b) {
        return a.second.size() != b.second.size() ? a.second.size() > b.second.size() : a.first < b.first;
    });
    Kinds found{candidate.from, {}, std::move(candidate.without), values.size()};
    std::vector<Presence> presences;
    for (auto& [value, messages] : values) {
        const auto own = members.presence(messages);
        std::size_t at = 0;
        while (at < presences.size() && !alike(presences[at], own)) ++at;
        if (at == presences.size()) {
            presences.push_back(own);
            found.kinds.emplace_back();
        }
        auto& kind = found.kinds[at];
        kind.values.push_back(value);
        kind.messages.insert(kind.messages.end(), messages.begin(), messages.end());
    }
    for (auto& kind : found.kinds) std::ranges::sort(kind.messages);
    std::ranges::sort(found.kinds, [](const Kind& a, const Kind& b) {
        const auto more = a.messages.size() != b.messages.size();
        return more ? a.messages.size() > b.messages.size() : a.values.front() < b.values.front();
    });
    return found;
}

}  // namespace

std::optional<Kinds> find_kinds(const Profile& profile, Sample& sample) {
    std::vector<Candidate> candidates;
    collect(profile.root(), 1, profile.messages(), candidates);
    if (candidates.empty()) return std::nullopt;
    read_values(candidates, sample);
    const Members members(profile, sample);
    Candidate* best = nullptr;
    for (auto& candidate : candidates) {
        if (candidate.messages.size() < 2) continue;
        std::vector<Presence> presences;
        for (const auto& [value, messages] : candidate.messages) presences.push_back(members.presence(messages));
        candidate.split = split_members(presences);
        if (candidate.split < (candidate.named ? 1u : 2u)) continue;
        const auto better = best == nullptr || (candidate.named && !best->named) ||
                            (candidate.named == best->named && candidate.split > best->split);
        if (better) best = &candidate;
    }
    if (best == nullptr) return std::nullopt;
    auto kinds = group(std::move(*best), members);
    if (kinds.kinds.size() < 2) return std::nullopt;
    return kinds;
}

std::vector<std::uint32_t> find_strays(Sample& sample, const std::vector<std::uint32_t>& of) {
    constexpr std::size_t kFewest = 4;  // of fewer messages none is a stray
    if (of.size() < kFewest) return {};
    Profile profile;
    for (const auto number : of) profile.add(sample.messages()[number].body);
    std::vector<std::vector<pipeline::PathStep>> core;
    for (const auto& member : profile.root().members) {
        if (member->messages * 10 >= of.size() * 8) core.push_back(path_of(*member));
    }
    if (core.size() < 2) return {};
    pipeline::Decoder decoder(core);
    std::vector<std::uint32_t> strays;
    for (const auto number : of) {
        const auto values = decoder.decode(sample.messages()[number].body);
        const auto absent = values ? std::ranges::count(*values, pipeline::JsonKind::Absent, &pipeline::JsonValue::kind)
                                   : static_cast<std::ptrdiff_t>(core.size());
        if (static_cast<std::size_t>(absent) * 2 > core.size()) strays.push_back(number);
    }
    if (strays.size() * 5 > of.size()) return {};
    return strays;
}

}  // namespace sqs2pg::infer
