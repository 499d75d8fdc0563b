// Masking and encoding of one row, see mask.h.
#include "pipeline/mask.h"

#include <algorithm>

#include "pg/copy.h"

namespace sqs2pg::pipeline {

namespace {

constexpr std::size_t kLinesToKeep = 64u << 10;

}  // namespace

std::optional<BadMessage> MaskStage::mask_value(MaskColumn& column, std::string_view value) {
    scratch_.clear();
    const auto masked = column.masker->mask(value, scratch_);
    if (masked == privacy::Masked::NotAnAddress) return BadMessage{"wrong_type", column.column.name, ""};
    if (masked == privacy::Masked::Null) {
        if (column.column.not_null) return BadMessage{"not_null", column.column.name, ""};
        return std::nullopt;
    }
    if (!column.judge) return std::nullopt;
    const auto refusal = pg::check(column.column, scratch_);
    if (!refusal) return std::nullopt;
    return BadMessage{std::string(pg::name_of(*refusal)), column.column.name, ""};
}

void MaskStage::begin() {
    if (lines_.capacity() > kLinesToKeep) std::string().swap(lines_);  // of a large message that was refused
    lines_.clear();
    rows_ = 0;
}

MaskedRow MaskStage::take() {
    MaskedRow masked;
    masked.copy_text_ = shelf_.put(lines_);
    masked.rows_ = rows_;
    masked.target_ = target_;
    if (lines_.capacity() > kLinesToKeep) std::string().swap(lines_);
    return masked;
}

std::optional<BadMessage> MaskStage::add(const MappedRow& row) {
    auto& line = lines_;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        auto& column = columns_[i];
        const auto& field = row.fields[i];
        if (i > 0) line.push_back(pg::kDelimiter);
        if (field.null) {
            line.append(pg::kNullField);
        } else if (!column.masker) {
            pg::append_field(line, field.text);
        } else {
            if (auto bad = mask_value(column, field.text)) return bad;
            if (scratch_.empty()) {
                line.append(pg::kNullField);
            } else {
                pg::append_field(line, scratch_);
            }
        }
    }
    line.push_back(pg::kEndOfRow);
    ++rows_;
    return std::nullopt;
}

}  // namespace sqs2pg::pipeline
