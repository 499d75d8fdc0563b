// What looks personal, by the name of its place and by what its values look like, and the mask that fits. A guess that
// a person looks over, which is why it rather says too much; it never proves that the rest is not personal. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "infer/profile.h"
#include "pg/table_shape.h"
#include "pipeline/options.h"

namespace sqs2pg::infer {

enum class Personal {
    Ip,
    Email,
    Phone,
    Device,
    Name,
    UserName,
    Address,
    BirthDate,
    Iban,
    Card,
    NationalId,
    UserAgent,
    Session,
    Plate,
    Location,
    Secret,
};

std::string_view words_for(Personal kind) noexcept;  // "an IP address"

struct Spotted {
    Personal kind = Personal::Ip;
    bool sure = true;  // false: it may be; said, and not masked
    bool by_name = false;
    bool by_value = false;
};

// By the name alone; `words` as words_of() makes them.
std::optional<Spotted> spot_name(const std::vector<std::string>& words);

// A place with scalars; nothing for others. `person_near`: the object that it stands in is about a person.
std::optional<Spotted> spot(const Place& place, bool person_near);

// Whether the members of an object, or its name, say that it is about a person.
bool about_a_person(const Place& object);

struct MaskProposal {
    bool drop = false;  // a secret: nothing of it belongs into a table
    privacy::MaskOptions mask;
    pipeline::Convert convert = pipeline::Convert::None;
    std::string alternative;  // another way, as a comment: "mask: truncate keeps the network"
};

// For a column of `type`; nullopt: no mask fits into it.
std::optional<MaskProposal> mask_for(Personal kind, pg::TypeClass type);

}  // namespace sqs2pg::infer
