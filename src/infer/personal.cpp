// Names and values together, and the masks, see personal.h.
#include "infer/personal.h"

#include <algorithm>
#include <array>

#include "infer/names.h"

namespace sqs2pg::infer {

namespace {

using enum Personal;

// Of the texts at a place, how many have to have a form before it is taken for that.
constexpr std::uint32_t kMostOf = 60;  // percent

bool mostly(const Values& values, std::uint32_t count) {
    const auto texts = values.strings - values.empty;
    return count > 0 && count * 100 >= texts * kMostOf;
}

bool says_version(const std::vector<std::string>& words) {
    constexpr auto kVersions = std::to_array<std::string_view>({"version", "ver", "firmware", "build", "release"});
    return std::ranges::any_of(words,
                               [&](const auto& word) { return std::ranges::find(kVersions, word) != kVersions.end(); });
}

std::optional<Personal> spot_values(const Values& values, const std::vector<std::string>& words) {
    if (values.strings == 0) return std::nullopt;
    if (values.count(Form::Secret) > 0 && mostly(values, values.count(Form::Secret))) return Secret;
    if (mostly(values, values.count(Form::Email))) return Email;
    if (mostly(values, values.count(Form::Ipv4) + values.count(Form::Ipv6)) && !says_version(words)) return Ip;
    if (mostly(values, values.count(Form::Iban))) return Iban;
    if (mostly(values, values.count(Form::Mac))) return Device;
    if (mostly(values, values.count(Form::Phone))) return Phone;
    if (mostly(values, values.count(Form::Card))) return Card;
    return std::nullopt;
}

// A number can be a telephone, a card or an identity; true and false are nobody's.
bool can_be(Personal kind, const Values& values) {
    if (values.strings > 0) return true;
    if (values.scalars() == 0) return values.nulls > 0;
    if (values.numbers == 0) return false;
    return kind == Phone || kind == Card || kind == NationalId || kind == Device || kind == Location || kind == Iban ||
           kind == Secret || kind == BirthDate;
}

// The name of a group that people belong to.
bool names_person(const std::vector<std::string>& words) {
    constexpr auto kPersons = std::to_array<std::string_view>(
        {"user",    "customer", "person",    "contact", "patient", "employee",  "member",  "buyer",
         "owner",   "author",   "passenger", "guest",   "client",  "recipient", "sender",  "subscriber",
         "profile", "student",  "driver",    "kunde",   "kontakt", "benutzer",  "cliente", "utilisateur"});
    return std::ranges::any_of(usual_words(words),
                               [&](const auto& word) { return std::ranges::find(kPersons, word) != kPersons.end(); });
}

}  // namespace

std::string_view words_for(Personal kind) noexcept {
    switch (kind) {
        case Ip:
            return "an IP address";
        case Email:
            return "an e-mail address";
        case Phone:
            return "a telephone number";
        case Device:
            return "the identity of a device";
        case Name:
            return "a person's name";
        case UserName:
            return "a user's name";
        case Address:
            return "a postal address";
        case BirthDate:
            return "a date of birth";
        case Iban:
            return "a bank account";
        case Card:
            return "a card number";
        case NationalId:
            return "an official number of a person";
        case UserAgent:
            return "a user agent";
        case Session:
            return "the identity of a session";
        case Plate:
            return "a number plate";
        case Location:
            return "a location";
        case Secret:
            return "a secret";
    }
    return "personal";
}

bool about_a_person(const Place& object) {
    if (names_person(words_of(object.name))) return true;
    return std::ranges::any_of(object.members, [](const auto& member) {
        const auto spotted = spot_name(words_of(member->name));
        return spotted && spotted->sure &&
               (spotted->kind == Email || spotted->kind == Phone || spotted->kind == Name ||
                spotted->kind == BirthDate);
    });
}

std::optional<Spotted> spot(const Place& place, bool person_near) {
    const auto& values = place.values;
    if (values.scalars() + values.nulls == 0) return std::nullopt;
    // The elements of an array have its name.
    const auto words = words_of(place.of_elements && place.parent != nullptr ? place.parent->name : place.name);
    auto by_name = spot_name(words);
    if (by_name && !can_be(by_name->kind, values)) by_name.reset();
    if (by_name && !by_name->sure && person_near && (by_name->kind == Name || by_name->kind == Address)) {
        by_name->sure = true;
    }
    const auto by_value = spot_values(values, words);
    if (!by_value) return by_name;
    if (!by_name) return Spotted{*by_value, true, false, true};
    const bool plain = *by_value == Email || *by_value == Ip || *by_value == Secret || *by_value == Iban;
    if (!by_name->sure || (plain && by_name->kind != Secret)) return Spotted{*by_value, true, true, true};
    by_name->by_value = by_name->kind == *by_value;
    return by_name;
}

std::optional<MaskProposal> mask_for(Personal kind, pg::TypeClass type) {
    using enum pg::TypeClass;
    MaskProposal proposal;
    if (kind == Secret) {
        proposal.drop = true;
        proposal.mask.method = privacy::Method::Drop;
        return proposal;
    }
    if (kind == Personal::Ip && (type == Inet || type == Cidr)) {
        proposal.mask.method = privacy::Method::Truncate;
        if (type == Inet) proposal.alternative = "mask: ip-prefix, domain: ip keeps single addresses apart";
        return proposal;
    }
    if (type != Text && type != Varchar && type != Char && type != Other) return std::nullopt;
    proposal.mask.method = privacy::Method::Hmac;
    switch (kind) {
        case Personal::Ip:
            proposal.mask.domain = "ip";
            proposal.mask.canonical = privacy::Canonical::Ip;
            proposal.alternative = "mask: truncate keeps the network; mask: ip-prefix keeps subnets together";
            break;
        case Email:
            proposal.mask.domain = "email";
            proposal.convert = pipeline::Convert::Lower;
            proposal.alternative = "mask: siv, where the key is to open it again";
            break;
        case Card:
            proposal.mask.domain = "card";
            proposal.alternative = "mask: keep-last, keep: 4, where people are to recognise it";
            break;
        case Iban:
            proposal.mask.domain = "account";
            proposal.alternative = "mask: keep-last, keep: 4, where people are to recognise it";
            break;
        case Phone:
            proposal.mask.domain = "phone";
            break;
        case Device:
            proposal.mask.domain = "device";
            break;
        case Personal::Name:
            proposal.mask.domain = "name";
            break;
        case UserName:
            proposal.mask.domain = "username";
            break;
        case Address:
            proposal.mask.domain = "address";
            break;
        case BirthDate:
            proposal.mask.domain = "birth";
            break;
        case NationalId:
            proposal.mask.domain = "national-id";
            break;
        case UserAgent:
            proposal.mask.domain = "user-agent";
            break;
        case Session:
            proposal.mask.domain = "session";
            break;
        case Plate:
            proposal.mask.domain = "plate";
            break;
        case Location:
            proposal.mask.domain = "location";
            break;
        case Secret:
            break;
    }
    return proposal;
}

}  // namespace sqs2pg::infer
