// What messages look like: a tree of the places in them, each with statistics. Counts, lengths and ranges, never a
// value; the names of members are kept. Bounded in places, depth and elements, whatever comes in. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "infer/forms.h"
#include "pipeline/decode.h"
#include "pipeline/options.h"

namespace sqs2pg::infer {

inline constexpr std::size_t kMostPlaces = 4000;   // of one profile
inline constexpr std::size_t kMostMembers = 400;   // of one object, over all messages: more is a map
inline constexpr int kDeepest = 12;                // below that a place is JSON as a whole
inline constexpr std::size_t kMostElements = 100;  // of one array that are looked at
inline constexpr std::size_t kMostDistinct = 256;  // counted at a place; then it has "many"

// Of all values at one place.
struct Values {
    std::uint32_t nulls = 0;
    std::uint32_t booleans = 0;
    std::uint32_t numbers = 0;
    std::uint32_t strings = 0;
    std::uint32_t objects = 0;
    std::uint32_t arrays = 0;

    // numbers
    bool whole = true;       // all of them without a fraction and exponent
    bool exponents = false;  // one has an exponent
    bool beyond_bigint = false;
    std::int64_t least = INT64_MAX;  // of those that a bigint holds
    std::int64_t greatest = INT64_MIN;

    // strings
    std::uint32_t empty = 0;
    std::uint32_t no_text = 0;  // JSON strings that PostgreSQL's text cannot hold: a NUL, a lone surrogate
    std::size_t longest = 0;    // characters
    std::array<std::uint32_t, kForms> forms{};

    std::vector<std::uint64_t> distinct;  // hashes of the scalars, sorted, kMostDistinct at most
    bool many = false;                    // there are more

    std::uint32_t count(Form form) const { return forms[static_cast<std::size_t>(form)]; }
    std::uint32_t scalars() const { return booleans + numbers + strings; }
    std::uint32_t all() const { return nulls + scalars() + objects + arrays; }
};

struct Place {
    std::string name;  // of a member; empty: the root, elements, and the members of a map
    const Place* parent = nullptr;
    bool of_elements = false;  // of an array
    int depth = 0;
    std::uint32_t messages = 0;      // that have it, null or not
    std::uint32_t last_message = 0;  // while counting
    Values values;
    std::vector<std::unique_ptr<Place>> members;  // in the order of their first appearance
    std::map<std::string, Place*, std::less<>> by_name;
    std::unique_ptr<Place> elements;
    std::unique_ptr<Place> others;  // all members whose names are not kept, together
    std::size_t longest_array = 0;
    bool data_names = false;      // a member's name was rather a value: it is not kept
    bool personal_names = false;  // …such as an address or an e-mail address
    bool crowded = false;         // members that did not fit into the bounds are not kept
    bool cut = false;             // what is below lies deeper than kDeepest
};

// Steps from the root. Undefined for elements of arrays.
std::vector<pipeline::PathStep> path_of(const Place& place);
// As a configuration writes it, `user.address.city`, `"odd.name".x`; elements as `items[]`, members of a map as
// `scores.*`.
std::string text_of(const Place& place);
std::string text_of_path(const std::vector<pipeline::PathStep>& path);

// An object whose members' names are data: many names, none of them usual, or names that look like values.
bool is_map(const Place& place);

class Profile {
   public:
    Profile();
    ~Profile();
    Profile(Profile&&) noexcept;
    Profile& operator=(Profile&&) noexcept;

    enum class Body { Object, Array, Scalar, NotJson, InvalidText };
    // Only an object is counted.
    Body add(pipeline::PaddedText body);

    const Place& root() const noexcept;
    std::uint32_t messages() const noexcept;  // objects that were added
    bool full() const noexcept;               // kMostPlaces was reached

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sqs2pg::infer
