// Masking and encoding of one row, see mask.h.
#include "pipeline/mask.h"

#include <algorithm>

#include "pg/copy.h"

namespace sqs2pg::pipeline {

tl::expected<MaskedRow, BadMessage> MaskStage::mask(const MappedRow& row) {
    MaskedRow masked;
    auto& line = masked.copy_text_;
    line.reserve(usual_size_);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        auto& column = columns_[i];
        const auto& field = row.fields[i];
        if (i > 0) line.push_back(pg::kDelimiter);
        if (field.null) {
            line.append(pg::kNullField);
        } else if (!column.masker) {
            pg::append_field(line, field.text);
        } else {
            scratch_.clear();
            if (column.masker->mask(field.text, scratch_)) {
                pg::append_field(line, scratch_);
            } else if (column.not_null) {
                return tl::unexpected(BadMessage{"not_null", column.name, ""});
            } else {
                line.append(pg::kNullField);
            }
        }
    }
    line.push_back(pg::kEndOfRow);
    usual_size_ = std::max(usual_size_, std::min<std::size_t>(line.size(), 4096));
    return masked;
}

}  // namespace sqs2pg::pipeline
