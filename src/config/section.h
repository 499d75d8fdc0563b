// One map of the configuration, held against the table of fields: unknown, absent, later, empty and wrongly typed
// entries are mistakes here, once for all sections. What is left for the callers are questions that join several
// fields.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "config/fields.h"
#include "config/yaml_reader.h"

namespace sqs2pg::config {

class Section {
   public:
    // `node` is borrowed and outlives the section. `path` is that of the table; `what` names the section in messages
    // ("`postgres`", "the pipeline `logins`"). `place` is where it is said that something is absent.
    // `base`, borrowed too, is asked for what is not written here and may stand there.
    Section(const Node& node, std::string_view path, std::string what, Place place, Report& report,
            const Section* base = nullptr);

    // A field that the user wrote, here or in the base, and that is good; its node stands for sections too.
    const Node* find(std::string_view name) const;
    bool has(std::string_view name) const { return find(name) != nullptr; }
    // Written here at all, good or not: so that one mistake does not draw another.
    bool written(std::string_view name) const { return written_.contains(name); }

    // The value, or the table's default (empty, 0, false without one) when it is absent or not good.
    std::string text(std::string_view name) const;
    std::int64_t number(std::string_view name) const;
    bool flag(std::string_view name) const;
    bool is_null(std::string_view name) const;

    // Of a written field's value, else of the section.
    Place place_of(std::string_view name) const;
    const Place& place() const noexcept { return place_; }
    const std::string& what() const noexcept { return what_; }
    // The node is no map at all, or a mistake about it has been said: nothing can be said of what is absent.
    bool broken() const noexcept { return broken_; }

   private:
    void read_member(const Member& member);
    bool good(const Field& field, const Node& value);
    bool good_scalar(const Field& field, const Node& value);
    bool good_choice(const Field& field, const Node& value);
    bool good_choices(const Field& field, const Node& value);
    void unknown(const Node& key);
    const Field& field_of(std::string_view name) const;

    std::string_view path_;
    std::string what_;
    Place place_;
    Report& report_;
    const Section* base_;
    bool broken_ = false;
    std::map<std::string, const Member*, std::less<>> written_;
    std::map<std::string, const Member*, std::less<>> good_;
};

}  // namespace sqs2pg::config
