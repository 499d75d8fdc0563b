// The one table of everything that a configuration may say. It feeds the reader (section.h), its messages, and the
// reference page (reference.h). An option that is not in this table does not exist; a new one begins here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sqs2pg::config {

enum class FieldType {
    Text,      // any text, not empty
    Secret,    // as Text; never repeated in a message
    Integer,   // a whole number, least to most
    Seconds,   // a time: 60, 90s, 2m, 1h; least to most in seconds
    Bytes,     // a size: 1048576, 64KiB, 16MiB, 1GiB; least to most in bytes
    Flag,      // true or false
    Choice,    // one of `choices`; null stands for "null" where that is one
    Choices,   // one of `choices`, or a list of them
    Value,     // any text, number, flag or null
    Section,   // a map whose keys are the fields of the section of this path, or one of `choices` where it has some
    Sections,  // a map from names that the user chooses to such maps
    Columns,   // a map from column names to a path, or to a map of the fields of the section of this path
    List,      // a list of maps whose keys are the fields of the section of this path
    Values,    // a map from paths to a scalar or null, or to a list of them
    Names,     // a name, or a list of names
};

enum class Need {
    Optional,
    Required,
    Later,  // its name is taken by a later version; this one says so instead of "unknown key"
};

struct Field {
    std::string_view section{};  // path of the map it stands in: "", "postgres", "pipelines.NAME", …
    std::string_view name{};
    FieldType type = FieldType::Text;
    Need need = Need::Optional;
    std::string_view fallback{};  // the default, as a user would write it; empty: none, or told by `doc`
    std::int64_t least = 0;
    std::int64_t most = 0;
    std::string_view choices{};  // "text|json"
    std::string_view later{};    // choices that a later version will take
    std::string_view shape{};    // a Section whose fields are those of the section of this path, not of its own
    bool in_defaults = false;    // of a pipeline: may stand in `defaults` too
    std::string_view doc{};      // sentences for the reference page
};

inline constexpr std::string_view kTop = "";
inline constexpr std::string_view kPipeline = "pipelines.NAME";
inline constexpr std::string_view kBrake = "pipelines.NAME.brake";
// Its fields are those of a pipeline that have `in_defaults`; find_field and names_in know them.
inline constexpr std::string_view kDefaults = "defaults";
inline constexpr std::string_view kRoute = "pipelines.NAME.routes";
inline constexpr std::string_view kS3 = "pipelines.NAME.s3";
inline constexpr std::string_view kColumn = "pipelines.NAME.columns.COLUMN";
inline constexpr std::string_view kOnConflict = "pipelines.NAME.on_conflict";

// In the order of the reference page.
std::span<const Field> fields();

// nullptr when the section has no such field.
const Field* find_field(std::string_view section, std::string_view name);

// Those that this version takes.
std::vector<std::string_view> names_in(std::string_view section);

// "text|json" -> text, json
std::vector<std::string_view> split_choices(std::string_view choices);

// "`max_polls` is a whole number from 1 to 64": what a field takes, as the end of a sentence ("" for Text).
std::string expectation(const Field& field);

// "60" -> "60 s" or "16777216" -> "16MiB": as a user would write it.
std::string spelled(FieldType type, std::int64_t number);

}  // namespace sqs2pg::config
