import COpenBLAS

/// Sums of products over a stream of rows, from which any least-squares fit of targets to features follows.
///
/// Rows come in blocks of single precision; products within a block are summed in single precision, blocks in double. What is about the
/// rows' mean is subtracted first, so that large means do not eat the digits of small variances.
package struct SecondMoments: Sendable {
    package let features: Int
    package let targets: Int
    /// Rows seen.
    package private(set) var count = 0
    private let shifts: Bool
    /// Subtracted from features and targets before anything is summed.
    package private(set) var shift: (features: [Float], targets: [Float])?
    private var featureSums: [Double]
    private var targetSums: [Double]
    /// `features × features`, the lower triangle.
    private var gram: [Double]
    /// `targets × features`.
    private var cross: [Double]
    private var targetSquares: [Double]

    /// - Parameter shifts: whether about the mean is to be subtracted, that of the first block; without, rows are left unchanged.
    package init(features: Int, targets: Int, shifts: Bool = true) {
        self.features = features
        self.targets = targets
        self.shifts = shifts
        featureSums = Array(repeating: 0, count: features)
        targetSums = Array(repeating: 0, count: targets)
        gram = Array(repeating: 0, count: features * features)
        cross = Array(repeating: 0, count: targets * features)
        targetSquares = Array(repeating: 0, count: targets)
    }

    /// Takes rows in.
    ///
    /// - Parameters:
    ///   - x: `rows × features`, row-major; changed by the shift.
    ///   - y: `rows × targets`, row-major; changed by the shift. Not read without targets.
    package mutating func add(
        _ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int
    ) {
        guard rows > 0 else { return }
        BLASThreads.prepare()
        if shifts {
            let known =
                shift
                ?? (
                    Self.mean(x, rows: rows, columns: features),
                    Self.mean(y, rows: rows, columns: targets)
                )
            shift = known
            Self.subtract(known.features, from: x, rows: rows)
            Self.subtract(known.targets, from: y, rows: rows)
        }
        Self.addSums(of: x, rows: rows, to: &featureSums)
        Self.addSums(of: y, rows: rows, to: &targetSums)
        Self.addSquares(of: y, rows: rows, to: &targetSquares)
        count += rows
        addGram(x, rows: rows)
        if targets > 0 { addCross(x, y, rows: rows) }
    }

    /// Adds what another stream has summed, which was shifted alike.
    package mutating func add(_ other: SecondMoments) {
        precondition(other.features == features && other.targets == targets)
        count += other.count
        func add(_ from: [Double], _ to: inout [Double]) {
            for index in from.indices { to[index] += from[index] }
        }
        add(other.featureSums, &featureSums)
        add(other.targetSums, &targetSums)
        add(other.gram, &gram)
        add(other.cross, &cross)
        add(other.targetSquares, &targetSquares)
    }

    /// The mean products, about the means where an intercept is fitted.
    ///
    /// - Parameter isCentred: whether products are about the means; else about 0.
    package func normalized(isCentred: Bool = true) -> NormalEquations {
        let scale = 1 / Double(max(count, 1))
        let means = featureSums.map { $0 * scale }
        let targetMeans = targetSums.map { $0 * scale }
        let offsets = shift?.features.map(Double.init) ?? means.map { _ in 0 }
        let targetOffsets = shift?.targets.map(Double.init) ?? targetMeans.map { _ in 0 }
        var equations = NormalEquations(
            features: features, targets: targets, count: count,
            featureMeans: zip(means, offsets).map(+),
            targetMeans: zip(targetMeans, targetOffsets).map(+))
        equations.gram = gram
        equations.cross = cross
        // E[(x − m)(y − n)] = E[(x − s)(y − t)] − (m − s)(n − t); about 0 it gains m·n instead.
        func correction(_ a: Double, _ aOffset: Double, _ b: Double, _ bOffset: Double) -> Double {
            isCentred ? -a * b : (a + aOffset) * (b + bOffset) - a * b
        }
        equations.gram.withUnsafeMutableBufferPointer { gram in
            for row in 0..<features {
                for column in 0...row {
                    gram[row * features + column] =
                        gram[row * features + column] * scale
                        + correction(means[row], offsets[row], means[column], offsets[column])
                }
            }
        }
        equations.cross.withUnsafeMutableBufferPointer { cross in
            for target in 0..<targets {
                for feature in 0..<features {
                    cross[target * features + feature] =
                        cross[target * features + feature] * scale
                        + correction(
                            targetMeans[target], targetOffsets[target], means[feature],
                            offsets[feature])
                }
            }
        }
        equations.targetSquares = (0..<targets).map {
            max(
                targetSquares[$0] * scale
                    + correction(
                        targetMeans[$0], targetOffsets[$0], targetMeans[$0], targetOffsets[$0]),
                0)
        }
        return equations
    }

    // MARK: Sums

    private mutating func addGram(_ x: UnsafeMutablePointer<Float>, rows: Int) {
        let features = features
        let width = max(32, (features + 7) / 8)
        let panels = (features + width - 1) / width
        let source = SharedAddress(address: x)
        gram.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let gram = SharedAddress(address: base)
            BLASThreads.perform(panels) { panel in
                let first = panel * width
                let (height, columns) = (features - first, min(width, features - first))
                let products = UnsafeMutablePointer<Float>.allocate(capacity: height * columns)
                defer { products.deallocate() }
                cblas_sgemm(
                    CblasRowMajor, CblasTrans, CblasNoTrans, Int32(height), Int32(columns),
                    Int32(rows), 1, source.address + first, Int32(features),
                    source.address + first, Int32(features), 0, products, Int32(columns))
                for row in 0..<height {
                    let target = gram.address + (first + row) * features + first
                    let from = products + row * columns
                    for column in 0..<min(columns, row + 1) {
                        target[column] += Double(from[column])
                    }
                }
            }
        }
    }

    private mutating func addCross(
        _ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int
    ) {
        let (features, targets) = (features, targets)
        let height = max(16, (targets + 1) / 2)
        let panels = (targets + height - 1) / height
        let (source, aims) = (SharedAddress(address: x), SharedAddress(address: y))
        cross.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let cross = SharedAddress(address: base)
            BLASThreads.perform(panels) { panel in
                let first = panel * height
                let count = min(height, targets - first)
                let products = UnsafeMutablePointer<Float>.allocate(capacity: count * features)
                defer { products.deallocate() }
                cblas_sgemm(
                    CblasRowMajor, CblasTrans, CblasNoTrans, Int32(count), Int32(features),
                    Int32(rows), 1, aims.address + first, Int32(targets), source.address,
                    Int32(features), 0, products, Int32(features))
                let target = cross.address + first * features
                for index in 0..<count * features { target[index] += Double(products[index]) }
            }
        }
    }

    /// The mean of each column.
    package static func mean(
        _ rows: UnsafeMutablePointer<Float>, rows count: Int, columns: Int
    ) -> [Float] {
        var sums = [Double](repeating: 0, count: columns)
        addSums(of: rows, rows: count, to: &sums)
        return sums.map { Float($0 / Double(count)) }
    }

    /// Takes a number off each column.
    package static func subtract(
        _ shift: [Float], from block: UnsafeMutablePointer<Float>, rows: Int
    ) {
        let columns = shift.count
        shift.withUnsafeBufferPointer { shift in
            for row in 0..<rows {
                let values = block + row * columns
                for column in 0..<columns { values[column] -= shift[column] }
            }
        }
    }

    private static func addSums(
        of block: UnsafeMutablePointer<Float>, rows: Int, to sums: inout [Double]
    ) {
        let columns = sums.count
        sums.withUnsafeMutableBufferPointer { sums in
            for row in 0..<rows {
                let values = block + row * columns
                for column in 0..<columns { sums[column] += Double(values[column]) }
            }
        }
    }

    private static func addSquares(
        of block: UnsafeMutablePointer<Float>, rows: Int, to sums: inout [Double]
    ) {
        let columns = sums.count
        sums.withUnsafeMutableBufferPointer { sums in
            for row in 0..<rows {
                let values = block + row * columns
                for column in 0..<columns {
                    sums[column] += Double(values[column]) * Double(values[column])
                }
            }
        }
    }
}
