// What `sqs2pg explain` prints, and the generated part of docs/operations.md. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/knowledge.h"
#include "cli/screen.h"

namespace sqs2pg::cli {

std::string explanation_text(std::span<const Knowledge> found, const Screen& screen);
std::string explanation_json(std::span<const Knowledge> found);

// Every word with its first sentence, by subject.
std::string knowledge_list(const Screen& screen);

// A section each: pauses, alarms, dead letters, log lines, codes.
std::string knowledge_page();

}  // namespace sqs2pg::cli
