import Foundation

/// Samples, with or without labels, as a model wants them.
///
/// Large files are read in slices: what is held are the labels, decoded images up to a limit, and what was
/// packed as a whole. It can be shared between threads.
package final class Dataset: Sendable {
    /// The file or folder as it was named.
    package let file: String
    /// How many samples there are, after skipping and after ``DatasetOptions/limit``.
    package let count: Int
    /// For each sample its class, from 0; nil if the data has no labels.
    package let labels: [Int]?
    /// The names of the classes in their order, where the data or its description tells them.
    package let classNames: [String]?
    /// One sample as stored; the first of images of different sizes.
    package let sampleShape: [Int]
    /// Images that could not be decoded and are left out.
    package let skipped: [SkippedSample]
    /// How many samples there are in the file before ``DatasetOptions/limit``.
    package let totalCount: Int
    /// What was said about preprocessing, by options and by the description.
    package let preprocessing: Preprocessing

    private let source: SampleSource
    /// For each sample its place in ``source``; nil where all are taken.
    private let chosen: [Int]?

    /// Where samples come from.
    enum SampleSource: Sendable {
        case array(any SampleArray)
        case pictures(PictureFolder)
    }

    /// Opens data, recognised by its content: HDF5, `.npz`, `.npy`, IDX, a folder of images.
    ///
    /// - Throws: ``DatasetError`` with `notFound`, `unsupported`, `damaged`, `refused`, `tooLarge`, `empty`, `labels`,
    ///   `description`, `io`.
    package static func open(
        path: String, options: DatasetOptions = DatasetOptions()
    ) throws(DatasetError) -> Dataset {
        var opening = DatasetOpening(path: path, options: options)
        return try opening.open()
    }

    init(
        file: String, source: SampleSource, labels: [Int]?, classNames: [String]?,
        skipped: [SkippedSample], totalCount: Int, preprocessing: Preprocessing, chosen: [Int]?
    ) {
        self.file = file
        self.source = source
        self.labels = labels
        self.classNames = classNames
        self.skipped = skipped
        self.totalCount = totalCount
        self.preprocessing = preprocessing
        self.chosen = chosen
        switch source {
        case .array(let array):
            count = chosen?.count ?? array.count
            sampleShape = array.sampleShape
        case .pictures(let folder):
            count = folder.count
            sampleShape = folder.firstShape
        }
    }

    /// Whether samples are images of different sizes.
    package var variesInSize: Bool {
        if case .pictures(let folder) = source { folder.variesInSize } else { false }
    }

    /// A seeded choice of samples without repetition, ascending; the same seed gives the same.
    ///
    /// - Returns: `count` indices, or all if there are no more.
    package func sampleIndices(count: Int, seed: UInt64) -> [Int] {
        SampleChoice.indices(count: count, of: self.count, seed: seed)
    }

    /// What is done to each sample for a model that takes `shape`, in words: `× 1/255, channel axis added`; empty for
    /// nothing.
    ///
    /// - Throws: ``DatasetError`` with `shape` if the samples do not fit.
    package func treatment(shape: [Int]) throws(DatasetError) -> String {
        try fitter(sampleShape, shape).steps.joined(separator: ", ")
    }

    private func fitter(_ stored: [Int], _ shape: [Int]) throws(DatasetError) -> SampleFitter {
        var isPicture = false
        if case .pictures = source { isPicture = true }
        do throws(SampleFitter.Misfit) {
            return try SampleFitter(
                stored: stored, target: shape, preprocessing: preprocessing, isPicture: isPicture)
        } catch { throw DatasetError(.shape, file: file, error.reason) }
    }
}

// MARK: - Samples

extension Dataset {
    /// Preprocessed samples, each of `shape` (no batch axis), row-major, one after the other.
    ///
    /// - Throws: ``DatasetError`` with `shape` for samples that do not fit, `notFinite`, and what reading throws.
    package func samples(_ range: Range<Int>, shape: [Int]) throws(DatasetError) -> [Float] {
        try samples(at: Array(range), shape: shape)
    }

    /// Preprocessed samples, each of `shape` (no batch axis), row-major, one after the other, in the given order.
    ///
    /// - Throws: ``DatasetError`` as ``samples(_:shape:)``.
    package func samples(at indices: [Int], shape: [Int]) throws(DatasetError) -> [Float] {
        guard let size = shape.checkedProduct, shape.allSatisfy({ $0 > 0 }) else {
            throw DatasetError(.shape, file: file, "there is no sample of \(shapeText(shape))")
        }
        if let wrong = indices.first(where: { !(0..<count).contains($0) }) {
            throw DatasetError(
                .shape, file: file, "there is no sample \(wrong): there are \(count)")
        }
        var output: [Float] = []
        output.reserveCapacity(size * indices.count)
        switch source {
        case .array(let array):
            let fitter = try fitter(array.sampleShape, shape)
            let places = chosen.map { chosen in indices.map { chosen[$0] } } ?? indices
            for run in Self.runs(places) { try read(array, run, fitter, into: &output) }
        case .pictures(let folder):
            let images = try folder.images(at: indices)
            for image in images {
                try fitter(image.shape, shape).fit(image.values, into: &output)
            }
        }
        return output
    }

    private func read(
        _ array: any SampleArray, _ run: Range<Int>, _ fitter: SampleFitter,
        into output: inout [Float]
    ) throws(DatasetError) {
        let values = try array.values(run)
        let size = array.sampleSize
        for (index, sample) in run.enumerated() {
            let start = output.count
            fitter.fit(Array(values[index * size..<(index + 1) * size]), into: &output)
            guard !array.format.kind.isFloat || output.suffix(from: start).isFinite else {
                throw DatasetError(
                    .notFinite, file: file, place: "sample \(sample)",
                    "this holds NaN or an infinity")
            }
        }
    }

    /// Neighbouring indices together, so that they are read at once.
    private static func runs(_ indices: [Int]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for index in indices {
            if let last = runs.last, last.upperBound == index {
                runs[runs.count - 1] = last.lowerBound..<index + 1
            } else {
                runs.append(index..<index + 1)
            }
        }
        return runs
    }
}

extension ArraySlice<Float> {
    /// Whether there is neither NaN nor an infinity.
    fileprivate var isFinite: Bool {
        // Zero times anything finite is zero.
        withUnsafeBufferPointer { buffer in
            var sum = SIMD8<Float>()
            var index = 0
            while index + 8 <= buffer.count {
                sum +=
                    UnsafeRawBufferPointer(buffer).loadUnaligned(
                        fromByteOffset: index * 4, as: SIMD8<Float>.self) * 0
                index += 8
            }
            var rest = sum.sum()
            while index < buffer.count {
                rest += buffer[index] * 0
                index += 1
            }
            return rest == 0
        }
    }
}
