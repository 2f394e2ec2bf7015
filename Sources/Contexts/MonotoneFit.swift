import Foundation

/// Latencies over two widths, brought into the order that they must have: no wider layer faster than a narrower one.
///
/// The nearest such values in the squares of logarithms. Unlike the running maximum that a ``LatencyTable`` takes, noise goes up
/// as often as down. Rows and columns are fitted in turn by pooling adjacent violators (Barlow, Bartholomew, Bremner and Brunk,
/// "Statistical inference under order restrictions", 1972), with Dykstra's corrections ("An algorithm for restricted least
/// squares regression", JASA 78, 1983).
package enum MonotoneFit {
    /// - Parameters:
    ///   - values: positive; row by row, each of `columns` values.
    ///   - weights: how much each value counts; positive.
    /// - Returns: the fitted values.
    /// - Complexity: O(values), times a hundred at most.
    package static func fit(_ values: [Double], weights: [Double], columns: Int) -> [Double] {
        guard columns > 0, values.count == weights.count, values.count % columns == 0 else {
            return values
        }
        let rows = values.count / columns
        let alongRows = (0..<rows).map { row in (0..<columns).map { row * columns + $0 } }
        let alongColumns = (0..<columns).map { column in (0..<rows).map { $0 * columns + column } }
        var fitted = values.map { log($0) }
        var corrections = [
            [Double](repeating: 0, count: values.count),
            [Double](repeating: 0, count: values.count),
        ]
        for _ in 0..<100 {
            let before = fitted
            for (turn, lines) in [alongRows, alongColumns].enumerated() {
                let target = zip(fitted, corrections[turn]).map { $0 + $1 }
                for line in lines { pool(target, weights, line, into: &fitted) }
                corrections[turn] = zip(target, fitted).map { $0 - $1 }
            }
            if zip(before, fitted).allSatisfy({ abs($0 - $1) < 1e-7 }) { break }
        }
        return fitted.map { exp($0) }
    }

    /// The ascending values nearest to those at the given places.
    private static func pool(
        _ values: [Double], _ weights: [Double], _ places: [Int], into result: inout [Double]
    ) {
        var blocks: [(mean: Double, weight: Double, count: Int)] = []
        for place in places {
            blocks.append((values[place], weights[place], 1))
            while blocks.count > 1, blocks[blocks.count - 2].mean > blocks[blocks.count - 1].mean {
                let last = blocks.removeLast()
                let other = blocks.removeLast()
                let weight = last.weight + other.weight
                let mean = (last.mean * last.weight + other.mean * other.weight) / weight
                blocks.append((mean, weight, last.count + other.count))
            }
        }
        var next = places.startIndex
        for block in blocks {
            for _ in 0..<block.count {
                result[places[next]] = block.mean
                next += 1
            }
        }
    }
}
