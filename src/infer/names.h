// Names of members and columns as words, so that userId, user_id, USER-ID and "User ID" are one name. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sqs2pg::infer {

// Lower case, split at case changes, blanks and punctuation; common accents folded.
std::vector<std::string> words_of(std::string_view name);

// Spellings of one thing made one: mail and email, ts and timestamp, created and create; plurals cut.
std::vector<std::string> usual_words(const std::vector<std::string>& words);

std::string joined(const std::vector<std::string>& words, std::string_view separator = "");

// Whether words that follow each other, written together, are `joined_entry` ("ip" + "address" is "ipaddress").
bool holds_run(const std::vector<std::string>& words, std::string_view joined_entry);

// snake_case that needs no quotes in SQL, up to 63 characters; "column" where nothing of the name is left.
std::string column_name(std::string_view name);

}  // namespace sqs2pg::infer
