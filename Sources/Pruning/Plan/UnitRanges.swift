/// Ascending numbers as text: `0-12,14,20-63`.
enum UnitRanges {
    static func text(_ units: [Int]) -> String {
        var parts: [String] = []
        var start = units.startIndex
        while start < units.endIndex {
            var end = start
            while end + 1 < units.endIndex, units[end + 1] == units[end] + 1 { end += 1 }
            parts.append(start == end ? "\(units[start])" : "\(units[start])-\(units[end])")
            start = end + 1
        }
        return parts.joined(separator: ",")
    }

    /// - Returns: nil unless the text is ascending numbers and ranges, all less than `limit`.
    static func units(_ text: String, limit: Int) -> [Int]? {
        var units: [Int] = []
        if text.isEmpty { return units }
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
            guard (1...2).contains(ends.count), let first = number(ends[0]),
                let last = ends.count == 2 ? number(ends[1]) : first,
                first <= last, last < limit, first > units.last ?? -1
            else { return nil }
            units.append(contentsOf: first...last)
        }
        return units
    }

    private static func number(_ digits: Substring) -> Int? {
        digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(digits) : nil
    }
}
