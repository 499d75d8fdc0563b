// Masks, see masks.h.
#include "config/masks.h"

#include <fmt/core.h>

#include "config/values.h"

namespace sqs2pg::config {
namespace {

using privacy::Method;

// What each option of a mask belongs to, as a user would write it.
std::string_view owners_of(std::string_view option) {
    if (option == "domain") return "`mask: hmac`, `siv` and `ip-prefix`";
    if (option == "as") return "`mask: hmac` and `siv`";
    return "`mask: keep-last`";
}

bool takes(Method method, std::string_view option) {
    if (option == "domain") return privacy::is_keyed(method);
    if (option == "as") return privacy::takes_form(method);
    return method == Method::KeepLast;
}

// Options that the method has no use for.
void refuse_others(const Section& section, Method method, Report& report) {
    for (std::string_view option : {"domain", "as", "keep"}) {
        if (!section.written(option) || takes(method, option)) continue;
        // Saying what is so is no mistake.
        if (option == "as" && privacy::masks_addresses(method)) {
            if (!section.has("as") || section.text("as") == "ip") continue;
            report.mistake(section.place_of("as"),
                           fmt::format("`mask: {}` takes addresses only; leave `as` out", privacy::name_of(method)));
            continue;
        }
        report.mistake(section.place_of(option), fmt::format("`{}` belongs to {}; `mask: {}` has none", option,
                                                             owners_of(option), privacy::name_of(method)));
    }
}

void need_domain(const Section& section, const privacy::MaskOptions& mask, Report& report) {
    if (!section.written("domain")) {
        report.mistake(section.place_of("mask"),
                       fmt::format("`mask: {}` needs a `domain`: columns that share one join, others never do; write "
                                   "for instance `domain: ip`",
                                   privacy::name_of(mask.method)));
    } else if (section.has("domain") && !valid_name(mask.domain, true)) {
        report.mistake(section.place_of("domain"),
                       "`domain` is a name of at most 63 letters, digits, `_`, `-` and `.`");
    }
}

}  // namespace

std::optional<privacy::MaskOptions> read_mask(const Section& section, Report& report,
                                              std::optional<Place>& first_keyed) {
    if (!section.written("mask")) {
        for (auto option : {"domain", "as", "keep"}) {
            if (!section.written(option)) continue;
            report.mistake(section.place_of(option),
                           fmt::format("`{}` without `mask`; write `mask: {}` beside it, or leave it out", option,
                                       option == std::string_view("keep") ? "keep-last" : "hmac"));
        }
        return std::nullopt;
    }
    auto method = privacy::method_from(section.text("mask"));
    if (!section.has("mask") || !method) return std::nullopt;
    privacy::MaskOptions mask;
    mask.method = *method;
    mask.canonical = privacy::masks_addresses(*method)
                         ? privacy::Canonical::Ip
                         : privacy::canonical_from(section.text("as")).value_or(privacy::Canonical::Text);
    mask.domain = section.text("domain");
    mask.keep = static_cast<std::size_t>(section.number("keep"));
    refuse_others(section, *method, report);
    if (privacy::is_keyed(*method)) {
        if (!first_keyed) first_keyed = section.place_of("mask");
        need_domain(section, mask, report);
    }
    if (*method == Method::KeepLast && !section.written("keep")) {
        report.mistake(section.place_of("mask"),
                       "`mask: keep-last` needs `keep`: how many of the last characters are shown; write for instance "
                       "`keep: 4`");
    }
    return mask;
}

}  // namespace sqs2pg::config
