/// A pattern for layer names as profiles write it: `*` is any run of characters, `?` any one, all else itself.
///
/// It is held against the layer's whole path (`backbone/conv1`) and against its last name (`conv1`).
package struct LayerPattern: Hashable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package func matches(path: [String]) -> Bool {
        let pattern = Array(text.unicodeScalars)
        return LayerPattern.matches(pattern, Array(path.joined(separator: "/").unicodeScalars))
            || path.last.map { LayerPattern.matches(pattern, Array($0.unicodeScalars)) } ?? false
    }

    /// Greedy matching with one point to return to: linear but for patterns with many stars.
    private static func matches(_ pattern: [Unicode.Scalar], _ name: [Unicode.Scalar]) -> Bool {
        var (p, n) = (0, 0)
        var restart: (pattern: Int, name: Int)?
        while n < name.count {
            if p < pattern.count, pattern[p] == "*" {
                restart = (p, n)
                p += 1
            } else if p < pattern.count, pattern[p] == "?" || pattern[p] == name[n] {
                p += 1
                n += 1
            } else if let (star, start) = restart {
                restart = (star, start + 1)
                p = star + 1
                n = start + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }
}
