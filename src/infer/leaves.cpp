// Places that can become columns, see columns.h.
#include <algorithm>

#include <fmt/format.h>

#include "infer/columns.h"
#include "infer/names.h"

namespace sqs2pg::infer {

namespace {

// Where the names of a path stop to be columns and start to be a document.
constexpr int kDeepestColumn = 5;

void find_personal(const Place& place, bool person, std::vector<std::string>& found) {
    constexpr std::size_t kMostNamed = 5;
    if (found.size() >= kMostNamed) return;
    if (const auto spotted = spot(place, person); spotted && spotted->sure) found.push_back(text_of(place));
    if (place.personal_names) found.push_back("the names in " + text_of(place));
    const bool below = person || about_a_person(place);
    for (const auto& member : place.members) find_personal(*member, below, found);
    if (place.elements) find_personal(*place.elements, person, found);
    if (place.others) find_personal(*place.others, below, found);
}

bool is_structure(const Place& place) {
    const auto& values = place.values;
    return values.objects > 0 && values.arrays == 0 && values.scalars() == 0 && !place.cut && !is_map(place) &&
           !place.members.empty() && place.depth < kDeepestColumn;
}

void collect(const Place& object, bool person, bool objects, std::vector<Leaf>& leaves) {
    const bool below = person || about_a_person(object);
    for (const auto& member : object.members) {
        if (leaves.size() >= kMostColumns) return;
        const bool structure = is_structure(*member);
        if (!structure || objects) {
            Leaf leaf{member.get(), text_of(*member), {}, {}};
            if (member->values.objects + member->values.arrays == 0) {
                leaf.spotted = spot(*member, below);
            } else {
                find_personal(*member, below, leaf.personal_below);
            }
            leaves.push_back(std::move(leaf));
        }
        if (structure) collect(*member, below, objects, leaves);
    }
}

}  // namespace

std::vector<Leaf> leaves_of(const Profile& profile, bool objects) {
    std::vector<Leaf> leaves;
    if (!is_map(profile.root())) collect(profile.root(), false, objects, leaves);
    return leaves;
}

std::string reason_for(const Spotted& spotted) {
    return fmt::format("{}, by its {}", words_for(spotted.kind),
                       spotted.by_name && spotted.by_value ? "name and its values"
                       : spotted.by_name                   ? "name"
                                                           : "values");
}

void set_mask(ProposedColumn& column, const MaskProposal& mask) {
    column.rule.mask = mask.mask;
    if (mask.convert != pipeline::Convert::None) column.rule.convert = mask.convert;
}

pipeline::Source source_of(const Place& place) {
    pipeline::Source source;
    source.text = text_of(place);
    source.path = path_of(place);
    return source;
}

namespace {

// As the columns of a proposed table: what is surely personal is masked, a secret is left out by mask: drop.
void mask_item(ProposedColumn& column) {
    if (!column.spotted->sure) {
        column.remarks.push_back("may be " + reason_for(*column.spotted) + ": mask it then");
        return;
    }
    column.remarks.push_back("looks like " + reason_for(*column.spotted));
    if (const auto mask = mask_for(column.spotted->kind, pg::TypeClass::Text)) set_mask(column, *mask);
}

}  // namespace

std::optional<Each> each_for(const Profile& profile) {
    const Place* best = nullptr;
    const auto look = [&](const auto& self, const Place& object) -> void {
        for (const auto& member : object.members) {
            const auto& values = member->values;
            const bool array = values.arrays > 0 && values.objects + values.scalars() == 0 && member->elements &&
                               member->elements->values.objects == member->elements->values.all();
            const bool most = member->messages * 10 >= profile.messages() * 8;
            if (array && most && member->elements->values.objects > values.arrays && !is_map(*member->elements) &&
                (best == nullptr || member->elements->values.objects > best->elements->values.objects)) {
                best = member.get();
            }
            if (is_structure(*member)) self(self, *member);
        }
    };
    look(look, profile.root());
    if (best == nullptr) return std::nullopt;
    Each each{text_of(*best), {}};
    const bool person = about_a_person(*best->elements);
    for (const auto& member : best->elements->members) {
        ProposedColumn column;
        column.rule.column = column_name(member->name);
        column.rule.from.text = "$item." + text_of_path({{member->name, {}}});
        column.spotted = member->values.scalars() > 0 ? spot(*member, person) : std::nullopt;
        if (column.spotted) mask_item(column);
        std::vector<std::string> below;
        if (member->values.objects + member->values.arrays > 0) find_personal(*member, person, below);
        if (!below.empty()) {
            column.remarks.push_back(fmt::format("holds what looks personal, unmasked: {}", fmt::join(below, ", ")));
        }
        each.columns.push_back(std::move(column));
        if (each.columns.size() == 20) break;
    }
    return each;
}

}  // namespace sqs2pg::infer
