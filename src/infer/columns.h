// The columns of one route: for a table that is there (join), or for one that is proposed. Private to this module.
// Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "infer/proposal.h"

namespace sqs2pg::infer {

// A place that can become a column, with what there is to know about it.
struct Leaf {
    const Place* place = nullptr;
    std::string path;
    std::optional<Spotted> spotted;
    std::vector<std::string> personal_below;  // paths inside an object or array that look personal
};

// What becomes a column of its own: scalars, arrays, and the objects that are no plain structure. With `objects` also
// the structures themselves, for jsonb columns that are there. At most kMostColumns.
inline constexpr std::size_t kMostColumns = 300;
std::vector<Leaf> leaves_of(const Profile& profile, bool objects);

void join_table(Sample& sample, const Analysis::Part& part, const pg::TableShape& table, ProposedRoute& route,
                std::vector<Note>& notes);
void invent_table(const Analysis::Part& part, ProposedRoute& route, std::vector<Note>& notes);

// "an IP address, by its name and its values"
std::string reason_for(const Spotted& spotted);
void set_mask(ProposedColumn& column, const MaskProposal& mask);
pipeline::Source source_of(const Place& place);

// The array of objects that a message is mostly about, as a suggestion.
std::optional<Each> each_for(const Profile& profile);

}  // namespace sqs2pg::infer
