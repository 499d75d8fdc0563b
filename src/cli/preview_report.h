// What `preview` says: tables that fit the terminal, or one JSON object. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cases/preview.h"

namespace sqs2pg::cli {

struct PreviewView {
    std::string pipeline;
    std::string source;  // the queue, or the file
    std::string note;    // what the look did to the messages
    bool values = true;  // false: no example of an unmasked column is shown
    bool tried = false;  // the database has judged the rows too
};

// No line is longer than `width` (at least 60 is used; 0: as long as need be): cells are cut with "…", widest first.
std::string preview_text(const cases::Seen& seen, const PreviewView& view, std::size_t width);

// docs/preview.md describes its members.
std::string preview_json(const cases::Seen& seen, const PreviewView& view);

// Cells in columns, the first row a heading, each line indented by two; fitted to the width as above.
std::string fitted_table(std::vector<std::vector<std::string>> rows, std::size_t width);

}  // namespace sqs2pg::cli
