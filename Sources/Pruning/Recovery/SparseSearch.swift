import LinearAlgebra
import Workers

/// A site's kernel from which weights are taken away, the rest making up for them.
///
/// All outputs of all blocks are its columns; each keeps features of its own. Weights go in several steps: those whose loss costs least as
/// things are, over all columns, then the rest is fitted anew. Source: Frantar, Singh, Alistarh, "Optimal Brain
/// Compression", NeurIPS 2022; one step is the Optimal Brain Surgeon of Hassibi and Stork, NIPS 1992.
struct SparseSearch: Sendable {
    /// One output of a block.
    struct Column: Sendable {
        var block: Int
        /// Mean products of target and features, and the ridge's pull.
        var side: [Double]
        /// What errors of this output are multiplied with.
        var importance: Double
        /// Features that stay, ascending.
        var kept: [Int32]
        /// Their weights.
        var weights: [Double]
        /// The diagonal of the inverse moments at them.
        var inverseDiagonal: [Double] = []

        /// What the fit takes off the error of a kernel of zeros.
        var gain: Double {
            zip(kept, weights).reduce(0) { $0 + side[Int($1.0)] * $1.1 } * importance
        }
    }

    /// By block.
    let systems: [MaskedLeastSquares]
    private(set) var columns: [Column]
    let features: Int

    /// Multiply-adds that exact fits of one site may take, over all steps.
    static let workLimit = 4e11
    /// What stays at each step, of what was there before.
    static let decay = 0.7

    /// - Parameters:
    ///   - columns: with all features.
    init?(systems: [MaskedLeastSquares], columns: [Column]) {
        guard let first = systems.first else { return nil }
        self.systems = systems
        self.columns = columns
        features = first.features
        let diagonals = concurrentMap(systems.count) { block in
            systems[block].factor((0..<Int32(first.features)).map { $0 })?.inverseDiagonal()
        }
        for index in columns.indices {
            guard let diagonal = diagonals[columns[index].block] else { return nil }
            self.columns[index].inverseDiagonal = diagonal
        }
    }

    var keptCount: Int { columns.reduce(0) { $0 + $1.kept.count } }

    /// Multiply-adds of fitting all columns anew exactly, with what stays.
    static func work(kept: Double, columns: Int) -> Double {
        kept * kept * kept / 3 * Double(columns)
    }

    // MARK: Steps

    /// How many stay after each step on the way to a number that stays.
    func steps(to count: Int) -> [Int] {
        var steps: [Int] = []
        var left = Double(keptCount)
        var work = 0.0
        while true {
            left *= Self.decay
            work += Self.work(
                kept: left / Double(max(columns.count, 1)), columns: columns.count * 2)
            guard Int(left) > count, work < Self.workLimit else { break }
            steps.append(Int(left))
        }
        // Where fits are dear, all goes at once.
        return steps + [count]
    }

    /// Takes the cheapest weights away until so many stay, without fitting.
    mutating func keep(_ count: Int) {
        let total = keptCount
        guard count < total else { return }
        var keys = scores
        let (gone, find) = (total - count, places)
        var marks = [[Bool]](repeating: [], count: columns.count)
        for index in columns.indices {
            marks[index] = Array(repeating: false, count: columns[index].kept.count)
        }
        keys.sort()
        for key in keys.prefix(gone) {
            let place = find(Int(key & 0xFFFF_FFFF))
            marks[place.column][place.index] = true
        }
        drop(marks)
    }

    /// Within each block of neighbouring channels at one tap, keeps so many of the dearest.
    mutating func keep(_ kept: Int, ofEach block: Int, channels: Int) {
        for index in columns.indices {
            let column = columns[index]
            let scores = Self.scores(column)
            var marks = [Bool](repeating: false, count: column.kept.count)
            var start = 0
            while start < column.kept.count {
                let name = Self.patternBlock(column.kept[start], block, channels)
                var end = start
                while end < column.kept.count,
                    Self.patternBlock(column.kept[end], block, channels) == name
                { end += 1 }
                let order = (start..<end).sorted { (scores[$0], $0) < (scores[$1], $1) }
                for place in order.prefix(max(end - start - kept, 0)) { marks[place] = true }
                start = end
            }
            drop(marks, from: index)
        }
    }

    private static func patternBlock(_ feature: Int32, _ block: Int, _ channels: Int) -> Int {
        let (tap, channel) = Int(feature).quotientAndRemainder(dividingBy: channels)
        return tap * channels + channel / block
    }

    /// Fits what stays exactly; columns that have no fit stay as they are.
    mutating func refit(withInverse: Bool) {
        let (systems, columns) = (systems, columns)
        let solutions = concurrentMap(columns.count) { index in
            systems[columns[index].block].solution(
                columns[index].side[...], kept: columns[index].kept, withInverse: withInverse)
        }
        guard solutions.count == columns.count else { return }
        for (index, solution) in solutions.enumerated() {
            guard let solution else { continue }
            self.columns[index].weights = solution.weights
            if withInverse { self.columns[index].inverseDiagonal = solution.inverseDiagonal }
        }
    }

    /// Takes weights away step by step until so many stay; the last fit is left to the caller.
    mutating func reduce(to count: Int) {
        guard !systems.isEmpty else { return keep(count) }
        let steps = steps(to: count)
        for (index, step) in steps.enumerated() {
            keep(step)
            if index < steps.count - 1 { refit(withInverse: true) }
        }
    }

    /// Likewise for a pattern.
    mutating func reduce(to pattern: SparsityPattern, channels: Int) {
        guard !systems.isEmpty else {
            return keep(pattern.kept, ofEach: pattern.block, channels: channels)
        }
        let count = Double(features) * Double(pattern.kept) / Double(pattern.block)
        let isDear = Self.work(kept: count, columns: columns.count) * 8 > Self.workLimit
        let stride = isDear ? pattern.block : max((pattern.block - pattern.kept) / 2, 1)
        var kept = pattern.block
        while kept > pattern.kept {
            kept = max(kept - stride, pattern.kept)
            keep(kept, ofEach: pattern.block, channels: channels)
            if kept > pattern.kept { refit(withInverse: true) }
        }
    }

    // MARK: Scores

    /// What the loss of each weight of a column costs now.
    private static func scores(_ column: Column) -> [Float] {
        column.weights.indices.map { index in
            let weight = column.weights[index]
            let score = weight * weight / column.inverseDiagonal[index] * column.importance
            return score.isFinite ? Float(score) : .greatestFiniteMagnitude
        }
    }

    /// For all weights that stay, in order: the score's bits above, the running number below.
    private var scores: [UInt64] {
        var keys: [UInt64] = []
        keys.reserveCapacity(keptCount)
        for column in columns {
            for score in Self.scores(column) {
                // Scores are not negative, so that their bits order like them.
                keys.append(UInt64(abs(score).bitPattern) << 32 | UInt64(keys.count))
            }
        }
        return keys
    }

    /// Finds the column of a running number.
    private var places: (Int) -> (column: Int, index: Int) {
        var starts = [0]
        for column in columns { starts.append(starts[starts.count - 1] + column.kept.count) }
        return { [starts] number in
            var (low, high) = (0, starts.count - 1)
            while high - low > 1 {
                let middle = (low + high) / 2
                if starts[middle] <= number { low = middle } else { high = middle }
            }
            return (low, number - starts[low])
        }
    }

    private mutating func drop(_ marks: [[Bool]]) {
        for index in columns.indices where marks[index].contains(true) {
            drop(marks[index], from: index)
        }
    }

    private mutating func drop(_ marks: [Bool], from index: Int) {
        func left<T>(_ values: [T]) -> [T] {
            zip(values, marks).compactMap { $1 ? nil : $0 }
        }
        columns[index].kept = left(columns[index].kept)
        columns[index].weights = left(columns[index].weights)
        columns[index].inverseDiagonal = left(columns[index].inverseDiagonal)
    }
}

extension SparseSearch {
    /// Starts with the whole kernel, fitted to the targets.
    ///
    /// - Parameters:
    ///   - equations: by block.
    ///   - prior: for each block `outputs × features`.
    ///   - importance: of all outputs of all blocks.
    /// - Returns: nil if the moments are not finite.
    init?(
        _ equations: [NormalEquations], prior: [[Double]], importance: [Double], ridge: Double
    ) {
        let systems = equations.compactMap { MaskedLeastSquares($0, ridge: ridge) }
        guard systems.count == equations.count, let first = equations.first else { return nil }
        let features = first.features
        let all = (0..<Int32(features)).map { $0 }
        let started = concurrentMap(systems.count) {
            block -> (sides: [Double], weights: [Double])? in
            guard let factor = systems[block].factor(all) else { return nil }
            let sides = zip(equations[block].cross, prior[block]).map {
                $0 + systems[block].weight * $1
            }
            return (sides, factor.solve(sides))
        }
        var columns: [Column] = []
        for (block, start) in started.enumerated() {
            guard let start, start.weights.allSatisfy(\.isFinite) else { return nil }
            for output in 0..<equations[block].targets {
                let range = output * features..<(output + 1) * features
                columns.append(
                    Column(
                        block: block, side: Array(start.sides[range]),
                        importance: importance[columns.count], kept: all,
                        weights: Array(start.weights[range])))
            }
        }
        self.init(systems: systems, columns: columns)
    }

    /// Weights as they are, each of which costs its square times that of its feature.
    ///
    /// - Parameter costs: for each block and feature.
    init?(_ prior: [[Double]], costs: [[Double]]) {
        systems = []
        features = costs.first?.count ?? 0
        columns = []
        for (block, costs) in costs.enumerated() {
            for start in stride(from: 0, to: prior[block].count, by: max(features, 1)) {
                columns.append(
                    Column(
                        block: block, side: [], importance: 1,
                        kept: (0..<Int32(features)).map { $0 },
                        weights: Array(prior[block][start..<start + features]),
                        inverseDiagonal: costs.map { 1 / max($0, 1e-30) }))
            }
        }
    }

    /// By block and output, the features that stay.
    var masks: [[[Int32]]] {
        var masks: [[[Int32]]] = []
        for column in columns {
            if column.block == masks.count { masks.append([]) }
            masks[column.block].append(column.kept)
        }
        return masks
    }
}
