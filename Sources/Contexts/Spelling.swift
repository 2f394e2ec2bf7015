/// Finds the word that somebody probably meant.
package enum Spelling {
    /// The candidate nearest to `word`, if it is near enough to be a slip: at most one edit for
    /// every four characters, and one more.
    ///
    /// Case, `_` and spaces count as spelled right.
    package static func suggestion(for word: String, among candidates: [String]) -> String? {
        let word = plain(word)
        // A long word is no slip of a short one, and the comparison costs the product of both.
        guard word.count <= 64 else { return nil }
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let distance = editDistance(word, plain(candidate))
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        guard let best, best.distance <= 1 + best.candidate.count / 4,
            best.distance < best.candidate.count
        else { return nil }
        return best.candidate
    }

    private static func plain(_ word: String) -> [Unicode.Scalar] {
        word.lowercased().unicodeScalars.map { $0 == "_" || $0 == " " ? "-" : $0 }
    }

    /// Edits (insert, delete, replace, swap neighbours) that turn `a` into `b`: the optimal string
    /// alignment distance.
    static func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var beforePrevious = [Int](repeating: 0, count: b.count + 1)
        var previous = Array(0...b.count)
        for i in a.indices {
            var current = [i + 1]
            current.reserveCapacity(b.count + 1)
            for j in b.indices {
                let replace = previous[j] + (a[i] == b[j] ? 0 : 1)
                var distance = min(replace, previous[j + 1] + 1, current[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    distance = min(distance, beforePrevious[j - 1] + 1)
                }
                current.append(distance)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[b.count]
    }
}
