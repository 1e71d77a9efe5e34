// SPDX-License-Identifier: Apache-2.0
#include "net/kube/yaml.hpp"

#include <yaml-cpp/emitterstyle.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <charconv>
#include <istream>
#include <stdexcept>
#include <streambuf>
#include <unordered_map>

namespace troupe::kube::yaml {

/// Takes yaml-cpp's events; throws YAML::ParserException for what is beyond the limits, because only that ends its
/// parser.
class builder : public YAML::EventHandler {
public:
  std::vector<document> documents;

  void OnDocumentStart(const YAML::Mark& mark) override {
    // yaml-cpp 0.7 leaves a stray `,` or `]` where it is and would find an empty document there for ever.
    if (mark.pos == last_start_)
      throw YAML::ParserException(mark, "text that belongs to no value");
    last_start_ = mark.pos;
  }
  void OnDocumentEnd() override { anchors_.clear(); }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(make(mark), anchor); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      throw YAML::ParserException(mark, "an alias inside of its own anchor");
    count(mark, found->second->weight_);
    attach(mark, found->second);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (value.size() > max_scalar_octets)
      throw YAML::ParserException(mark, "a text of more than " + std::to_string(max_scalar_octets) + " octets");
    auto made = make(mark);
    made->plain_ = tag == "?";
    if (!(made->plain_ && (value.empty() || value == "~" || value == "null" || value == "Null" || value == "NULL")))
      made->type_ = node::kind::scalar;
    made->text_ = made->is_null() ? std::string{} : value;
    add(std::move(made), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, node::kind::sequence, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, node::kind::map, anchor);
  }
  void OnMapEnd() override { close(); }

private:
  struct level {
    std::shared_ptr<node> container;
    YAML::anchor_t anchor;
    std::optional<std::string> key; ///< of a map: waits for its value
  };

  std::shared_ptr<node> make(const YAML::Mark& mark) {
    count(mark, 1);
    auto made = std::make_shared<node>();
    made->line_ = mark.line + 1;
    return made;
  }

  void count(const YAML::Mark& mark, size_t nodes) {
    nodes_ += nodes;
    if (nodes_ > max_nodes)
      throw YAML::ParserException(mark, "more than " + std::to_string(max_nodes) + " nodes, aliases unfolded");
  }

  void add(std::shared_ptr<node> made, YAML::anchor_t anchor) {
    if (anchor != 0)
      anchors_[anchor] = made;
    YAML::Mark mark;
    mark.line = made->line_ - 1;
    attach(mark, std::move(made));
  }

  void open(const YAML::Mark& mark, node::kind type, YAML::anchor_t anchor) {
    if (open_.size() == max_depth)
      throw YAML::ParserException(mark, "deeper than " + std::to_string(max_depth) + " levels");
    auto made = make(mark);
    made->type_ = type;
    open_.push_back({std::move(made), anchor, std::nullopt});
  }

  void close() {
    auto done = std::move(open_.back());
    open_.pop_back();
    add(std::move(done.container), done.anchor);
  }

  void attach(const YAML::Mark& mark, document child) {
    if (open_.empty()) {
      if (!child->is_null())
        documents.push_back(std::move(child));
      return;
    }
    auto& top = open_.back();
    auto& container = *top.container;
    if (container.is_map() && !top.key) {
      if (child->is_map() || child->is_sequence())
        throw YAML::ParserException(mark, "a key that is no text");
      top.key = child->text();
      return;
    }
    if (top.key) {
      if (container.keys_.size() == max_keys)
        throw YAML::ParserException(mark, "a mapping of more than " + std::to_string(max_keys) + " keys");
      container.keys_.push_back(std::move(*top.key));
      top.key.reset();
    }
    container.weight_ += child->weight_;
    container.items_.push_back(std::move(child));
  }

  std::vector<level> open_;
  std::unordered_map<YAML::anchor_t, document> anchors_;
  size_t nodes_ = 0;
  int last_start_ = -1;
};

namespace {

/// Reads from memory that somebody else owns.
class view_buffer : public std::streambuf {
public:
  explicit view_buffer(std::string_view text) {
    auto* begin = const_cast<char*>(text.data()); // never written: there is no put area
    setg(begin, begin, begin + text.size());
  }
};

const node& null_node() {
  static const node none;
  return none;
}

} // namespace

const node& node::operator[](std::string_view key) const {
  for (size_t i = keys_.size(); i-- > 0;)
    if (keys_[i] == key)
      return *items_[i];
  return null_node();
}

std::optional<int64_t> node::integer() const {
  int64_t value = 0;
  auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
  if (type_ != kind::scalar || !plain_ || error != std::errc{} || end != text_.data() + text_.size())
    return std::nullopt;
  return value;
}

std::optional<bool> node::boolean() const {
  if (type_ == kind::scalar && plain_) {
    for (auto word : {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
      if (text_ == word)
        return true;
    for (auto word : {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})
      if (text_ == word)
        return false;
  }
  return std::nullopt;
}

std::variant<std::vector<document>, problem> parse(const std::string& file, std::string_view text) {
  view_buffer buffer(text);
  std::istream in(&buffer);
  builder build;
  try {
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(build)) {
    }
  } catch (const YAML::Exception& error) {
    return problem{file, error.mark.is_null() ? 0 : error.mark.line + 1, "is not YAML that can be used: " + error.msg};
  } catch (const std::exception& error) {
    return problem{file, 0, std::string{"is not YAML that can be used: "} + error.what()};
  }
  return std::move(build.documents);
}

} // namespace troupe::kube::yaml
