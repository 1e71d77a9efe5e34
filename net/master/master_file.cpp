// SPDX-License-Identifier: Apache-2.0
#include "net/master/master_file.hpp"

#include "net/master/generate.hpp"
#include "net/master/record_data.hpp"
#include "net/master/record_header.hpp"
#include "net/master/record_text.hpp"

namespace troupe::master {

namespace {

constexpr uint32_t generated_ttl = 3600; ///< seconds

/// What all files of one reading share.
struct reading {
  const include_reader& include;
  const record_taker& take;
  size_t octets = 0, records = 0;
};

std::string directory_of(const std::string& file) {
  const size_t slash = file.rfind('/');
  return slash == std::string::npos ? std::string{} : file.substr(0, slash + 1);
}

bool is_directive(const token& word, std::string_view name) noexcept {
  return !word.quoted && word.text.size() == name.size() &&
         std::equal(name.begin(), name.end(), word.text.begin(),
                    [](char a, char b) { return a == (b >= 'a' && b <= 'z' ? b - 'a' + 'A' : b); });
}

/// One file, or the lines that one $GENERATE makes.
class master_reader {
public:
  using failure = std::optional<std::string>;

  master_reader(reading& all, std::string file, entry_context context, size_t depth, bool generated)
    : all_(all), file_(std::move(file)), context_(std::move(context)), depth_(depth), generated_(generated) {}

  failure read(std::string_view text, uint32_t first_line = 1) {
    all_.octets += text.size();
    if (all_.octets > max_master_octets)
      return in_file("more than " + std::to_string(max_master_octets) + " octets");
    entry_lexer lexer{text, first_line};
    for (;;) {
      const auto read = lexer.next();
      if (const auto* error = std::get_if<syntax_error>(&read))
        return in_file(*error);
      const entry* const found = std::get<const entry*>(read);
      if (!found)
        return std::nullopt;
      if (auto error = take_entry(*found))
        return error;
    }
  }

private:
  std::string in_file(const std::string& words) const { return (file_.empty() ? "" : file_ + ": ") + "dns: " + words; }
  std::string in_file(const syntax_error& error) const { return (file_.empty() ? "" : file_ + ": ") + error.to_text(); }
  std::string error_at(const token& where, std::string words) const {
    return in_file(error_about(where, std::move(words)));
  }

  failure take_entry(const entry& from) {
    const token& first = from.tokens[0];
    if (!from.starts_blank && !first.quoted && from.tokens.size() > 1 && first.text.starts_with('$')) {
      if (is_directive(first, "$TTL"))
        return take_ttl(from);
      if (is_directive(first, "$ORIGIN"))
        return take_origin(from);
      if (is_directive(first, "$INCLUDE"))
        return take_include(from);
      if (is_directive(first, "$GENERATE"))
        return take_generate(from);
    }
    return take_record(from);
  }

  failure take_record(const entry& from) {
    const auto header = read_header(from, context_, record_);
    if (const auto* error = std::get_if<syntax_error>(&header))
      return in_file(*error);
    const auto words = std::span{from.tokens}.subspan(std::get<size_t>(header));
    auto data = read_data_text(record_.type, words, from.end, context_.origin);
    if (const auto* error = std::get_if<syntax_error>(&data))
      return in_file(*error);
    record_.data = std::get<std::vector<uint8_t>>(std::move(data));
    if (++all_.records > max_master_records)
      return in_file("more than " + std::to_string(max_master_records) + " records");
    return all_.take(record_);
  }

  failure take_ttl(const entry& from) {
    const token& value = from.tokens[1];
    if (from.tokens.size() > 2)
      return error_at(from.tokens[2], "garbage after rdata");
    const auto ttl = value.quoted ? std::nullopt : ttl_from_text(value.text);
    if (!ttl)
      return error_at(value, "expecting $TTL value, not this...");
    context_.ttl = ttl;
    context_.ttl_by_directive = true;
    return std::nullopt;
  }

  failure take_origin(const entry& from) {
    const token& value = from.tokens[1];
    if (value.quoted)
      return error_at(value, "expecting $ORIGIN value, not this...");
    if (from.tokens.size() > 2)
      return error_at(from.tokens[2], "garbage after rdata");
    const auto origin = name_from_text(value.text, context_.origin);
    if (!origin)
      return error_at(value, "bad origin name");
    context_.origin = *origin;
    return std::nullopt;
  }

  failure take_include(const entry& from) {
    const token& name = from.tokens[1];
    if (name.quoted)
      return error_at(name, "expecting $INCLUDE value, not this...");
    entry_context inside = context_;
    inside.owner.reset();
    inside.last_ttl = 0;
    if (from.tokens.size() > 2) {
      const auto origin = from.tokens[2].quoted ? std::nullopt : name_from_text(from.tokens[2].text, context_.origin);
      if (!origin)
        return error_at(from.tokens[2], "bad origin name");
      inside.origin = *origin;
    }
    if (from.tokens.size() > 3)
      return error_at(from.tokens[3], "garbage after $INCLUDE");
    if (generated_)
      return error_at(name, "$INCLUDE directive not allowed");
    if (depth_ >= max_include_depth)
      return error_at(name, "too deeply nested $INCLUDE");
    std::string path{name.text};
    if (!path.starts_with('/'))
      path.insert(0, directory_of(file_));
    const auto content = all_.include(path);
    if (const auto* error = std::get_if<1>(&content))
      return error_at(name, "failed to open `" + std::string{name.text} + '\'' +
                              (path == name.text ? "" : " as `" + path + '\'') + ": " + *error);
    return master_reader{all_, path, std::move(inside), depth_ + 1, false}.read(std::get<0>(content));
  }

  failure take_generate(const entry& from) {
    const token& range_word = from.tokens[1];
    if (generated_)
      return error_at(range_word, "nested $GENERATE directive not allowed");
    if (range_word.quoted)
      return error_at(range_word, "expecting $GENERATE value, not this...");
    const auto read = range_from_text(range_word.text);
    if (const auto* words = std::get_if<const char*>(&read))
      return error_at(range_word, *words);
    if (from.tokens.size() == 2)
      return error_at(from.end, "garbage after $GENERATE range");
    std::string text;
    for (const token& word : std::span{from.tokens}.subspan(2)) {
      text += text.empty() ? "" : " ";
      (text += word.quoted ? "\"" : "") += word.text;
      text += word.quoted ? "\"" : "";
    }
    const auto& range = std::get<generate_range>(read);
    const auto made = generate_template::from_text(text, range);
    if (const auto* error = std::get_if<generate_template::error>(&made))
      return in_file(syntax_error{error->words, text.substr(error->begin, error->end - error->begin), range_word.line,
                                  range_word.column + static_cast<uint32_t>(error->begin) + 1});
    return generate(range, std::get<generate_template>(made), range_word);
  }

  failure generate(const generate_range& range, const generate_template& lines, const token& where) {
    if (lines.longest_line() > max_record_text)
      return error_at(where, "$GENERATE makes lines longer than " + std::to_string(max_record_text) + " octets");
    entry_context inside;
    inside.origin = context_.origin;
    inside.ttl = generated_ttl;
    master_reader reader{all_, file_, std::move(inside), depth_, true};
    std::string line;
    uint32_t step = 1;
    for (int64_t number = range.start; number <= range.stop; number += range.step, ++step) {
      lines.make_line(number, line);
      if (auto error = reader.read(line, step))
        return error;
      if (number > range.stop - range.step)
        break; // the next one might be too big for its type
    }
    return std::nullopt;
  }

  reading& all_;
  const std::string file_;
  entry_context context_;
  const size_t depth_;
  const bool generated_;
  dns::record record_;
};

} // namespace

std::optional<std::string> read_master_file(const master_source& source, const include_reader& include,
                                            const record_taker& take) {
  reading all{include, take};
  entry_context context;
  context.origin = source.origin;
  return master_reader{all, source.file, std::move(context), 0, false}.read(source.text);
}

} // namespace troupe::master
