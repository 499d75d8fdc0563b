// Mask: the step between mapped and written. The only maker of MaskedRow: it takes every field of a MappedRow through
// the column's masker, or as it is where the configuration names no mask, and encodes the row as one COPY text line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pg/table_shape.h"
#include "pipeline/message.h"
#include "privacy/mask.h"

namespace sqs2pg::pipeline {

struct MappedField {
    bool null = true;
    std::string_view text;
};

// The values of one message in the order of the target's columns, personal ones still readable. Views: valid until the
// stage that made it maps the next message. Never written, never logged.
struct MappedRow {
    std::vector<MappedField> fields;
};

struct MaskColumn {
    pg::Column column;
    std::optional<privacy::Masker> masker;
    // Each masked text is held against the column: its length depends on the value, or the column is no text.
    bool judge = false;
};

class MaskStage {
   public:
    // `target`: see MaskedRow::target().
    MaskStage(std::vector<MaskColumn> columns, std::uint16_t target) : columns_(std::move(columns)), target_(target) {}

    // The next message's rows: begin(), add() for each of them, take().
    void begin();

    // Masks and encodes one row behind those that were added. Bad message (there is nothing to take then): not_null
    // where a masked value is NULL and the column refuses it; wrong_type where the method takes addresses only and the
    // value is none; what the column's type says (too_long) where each text is judged.
    std::optional<BadMessage> add(const MappedRow& row);

    std::size_t bytes() const noexcept { return lines_.size(); }  // of the rows so far
    MaskedRow take();

   private:
    // The masked text is in scratch_ then; NULL when it is empty.
    std::optional<BadMessage> mask_value(MaskColumn& column, std::string_view value);

    std::vector<MaskColumn> columns_;
    std::uint16_t target_;
    std::string scratch_;
    std::string lines_;
    std::uint32_t rows_ = 0;
    TextShelf shelf_;
};

}  // namespace sqs2pg::pipeline
