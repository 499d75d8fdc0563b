// What is wrong in a configuration and where: collected while it is read, sorted by place at the end. Everything that
// reads the configuration says its mistakes here, and goes on.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"

namespace sqs2pg::config {

// Where something stands; line and column count from 1. Line 0: the file as a whole.
struct Place {
    std::shared_ptr<const std::string> file;
    int line = 0;
    int column = 0;

    std::string text() const;  // "sqs2pg.yaml:3:5"
};

class Report {
   public:
    // A file that is read from now on: the order of the calls is that of the files in what is told.
    void opens(const std::string& file) { files_.push_back(file); }

    void mistake(const Place& place, std::string sentence);
    void warning(const Place& place, std::string sentence);

    bool good() const noexcept { return mistakes_.empty(); }

    // In the order of their places: files as they were opened or first named, then line and column.
    std::vector<Mistake> mistakes() const { return sorted(mistakes_); }
    std::vector<Mistake> warnings() const { return sorted(warnings_); }

   private:
    struct Entry {
        Place place;
        std::string sentence;
    };
    std::vector<Mistake> sorted(std::vector<Entry> entries) const;

    std::vector<std::string> files_;
    std::vector<Entry> mistakes_;
    std::vector<Entry> warnings_;
};

// A name that the user wrote, in backquotes: control characters replaced, cut to 60 characters. Never for values that
// may be secret.
std::string backquoted(std::string_view name);

// "`a`, `b` or `c`"
std::string either(const std::vector<std::string_view>& names);

}  // namespace sqs2pg::config
