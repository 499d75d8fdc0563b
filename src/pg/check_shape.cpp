// Verdicts on the geometric types, see checks.h: numbers with commas between them in brackets, read as loosely as
// PostgreSQL 15 does (8.8 "Geometric Types").
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "pg/checks.h"

namespace sqs2pg::pg {
namespace {

class ShapeReader {
   public:
    explicit ShapeReader(std::string_view text) : rest_(text) {}

    // A number, with blanks around it.
    bool number(double& value) {
        skip_blanks();
        auto end = std::min(rest_.find_first_of(",()[]{}<>"), rest_.size());
        auto token = rest_.substr(0, end);
        if (auto refusal = check_float(token, false)) {
            refusal_ = *refusal;
            return false;
        }
        value = std::strtod(std::string(token).c_str(), nullptr);
        rest_.remove_prefix(end);
        return true;
    }
    // x,y with or without parentheses.
    bool pair(double& x, double& y) {
        skip_blanks();
        bool closed = take('(');
        if (!number(x) || !take(',') || !number(y)) return false;
        if (!closed) return true;
        if (!take(')')) return false;
        skip_blanks();
        return true;
    }
    bool pairs(std::size_t count, bool may_be_open) {
        skip_blanks();
        bool open = take('[');
        if (open && !may_be_open) return false;
        int depth = open ? 1 : 0;
        if (!open && rest_.starts_with('(')) {
            auto inner = trim_front(rest_.substr(1));
            if (inner.starts_with('(') || rest_.rfind('(') == 0) {
                rest_ = inner;
                depth = 1;
            }
        }
        for (std::size_t i = 0; i < count; ++i) {
            double x = 0;
            double y = 0;
            if (!pair(x, y)) return false;
            differ_ = i > 0 && !(std::fabs(x - x_) <= kNearZero && std::fabs(y - y_) <= kNearZero);
            x_ = x;
            y_ = y;
            take(',');
        }
        if (depth > 0) {
            if (!take(')') && !(open && take(']'))) return false;
            skip_blanks();
        }
        return true;
    }
    bool circle() {
        skip_blanks();
        bool pointed = take('<');
        bool round = false;
        if (!pointed && rest_.starts_with('(')) {
            auto inner = trim_front(rest_.substr(1));
            round = inner.starts_with('(');
            if (round) rest_ = inner;
        }
        double x = 0;
        double y = 0;
        double radius = 0;
        if (!pair(x, y)) return false;
        take(',');
        if (!number(radius) || radius < 0) return false;
        if (!pointed && !round) return true;
        if (!take(')') && !take('>')) return false;
        skip_blanks();
        return true;
    }
    // {A,B,C}, or two points that differ.
    bool line() {
        skip_blanks();
        double a = 0;
        double b = 0;
        if (!take('{')) return pairs(2, true) && differ_;
        double c = 0;
        if (!number(a) || !take(',') || !number(b) || !take(',') || !number(c) || !take('}')) return false;
        skip_blanks();
        return std::fabs(a) > kNearZero || std::fabs(b) > kNearZero || std::isnan(a) || std::isnan(b);
    }
    bool at_end() const { return rest_.empty(); }
    Refusal refusal() const { return refusal_; }

   private:
    static std::string_view trim_front(std::string_view text) {
        while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
        return text;
    }
    void skip_blanks() { rest_ = trim_front(rest_); }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    static constexpr double kNearZero = 1e-06;  // the server's EPSILON

    std::string_view rest_;
    double x_ = 0;  // the last point read, and whether it differs from the one before
    double y_ = 0;
    bool differ_ = false;
    Refusal refusal_ = Refusal::WrongType;
};

bool read(ShapeReader& reader, std::string_view text, TypeClass type) {
    double x = 0;
    double y = 0;
    switch (type) {
        case TypeClass::Point:
            return reader.pair(x, y);
        case TypeClass::Lseg:
            return reader.pairs(2, true);
        case TypeClass::Box:
            return reader.pairs(2, false);
        case TypeClass::Line:
            return reader.line();
        case TypeClass::Circle:
            return reader.circle();
        default: {
            auto commas = static_cast<std::size_t>(std::ranges::count(text, ','));
            return commas % 2 == 1 && reader.pairs((commas + 1) / 2, type == TypeClass::Path);
        }
    }
}

}  // namespace

std::optional<Refusal> check_shape(std::string_view text, TypeClass type) {
    ShapeReader reader(text);
    if (!read(reader, text, type)) return reader.refusal();
    return reader.at_end() ? std::nullopt : std::optional(Refusal::WrongType);
}

}  // namespace sqs2pg::pg
