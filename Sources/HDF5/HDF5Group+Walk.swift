/// One link met on a walk.
package struct HDF5WalkEntry: Sendable, Hashable {
    /// The path from the root of the walk, names with `/` between.
    package let path: String
    /// How many names the path has.
    package let depth: Int
    package let link: HDF5Link
    /// Whether the object was met before under another name; then it is not entered again.
    package let isRepeat: Bool
}

/// What to do after looking at an entry.
package enum HDF5WalkStep: Sendable, Hashable {
    /// Go on; below it, if it is a group.
    case enter
    /// Go on, but not below it.
    case skip
    /// End the walk.
    case stop
}

extension HDF5Group {
    /// Visits everything below the group, parents before children, links in name order.
    ///
    /// Only hard links are followed, and every object once, however many names it has.
    ///
    /// - Parameters:
    ///   - maximumDepth: How many names a path may have.
    ///   - visit: Looks at an entry.
    /// - Throws: ``HDF5Error`` with `cycle` for a group that contains itself, `tooDeep`, what
    ///   ``links(order:)`` and ``group(_:)`` throw, and what `visit` throws.
    package func walk(
        maximumDepth: Int = 64, _ visit: (HDF5WalkEntry) throws -> HDF5WalkStep
    ) throws {
        let start = try token
        var walker = Walker(
            maximumDepth: maximumDepth, seen: [start], ancestors: [start])
        _ = try walker.walk(self, prefix: "", visit)
    }
}

private struct Walker {
    let maximumDepth: Int
    var seen: Set<HDF5ObjectToken>
    var ancestors: [HDF5ObjectToken]

    /// Returns whether to go on.
    mutating func walk(
        _ group: HDF5Group, prefix: String, _ visit: (HDF5WalkEntry) throws -> HDF5WalkStep
    ) throws -> Bool {
        for link in try group.links() {
            let path = prefix.isEmpty ? link.name : "\(prefix)/\(link.name)"
            let place = group.place.child(link.name)
            guard ancestors.count <= maximumDepth else {
                throw place.error(.tooDeep, "groups are nested deeper than \(maximumDepth)")
            }
            var isRepeat = false
            if case .hard(_, let token) = link.kind {
                guard !ancestors.contains(token) else {
                    throw place.error(.cycle, "the group contains itself")
                }
                isRepeat = !seen.insert(token).inserted
            }
            let step = try visit(
                HDF5WalkEntry(
                    path: path, depth: ancestors.count, link: link, isRepeat: isRepeat))
            guard step != .stop else { return false }
            guard step == .enter, !isRepeat, case .hard(.group, let token) = link.kind else {
                continue
            }
            ancestors.append(token)
            defer { ancestors.removeLast() }
            guard try walk(try group.group(link.name), prefix: path, visit) else { return false }
        }
        return true
    }
}
