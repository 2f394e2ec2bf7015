// swift-tools-version: 6.2

import Foundation
import PackageDescription

/// Settings of every Swift target.
///
/// - `ExistentialAny`: a protocol used as a type says so.
/// - `InternalImportsByDefault`: a target's own dependencies do not leak to its importers.
/// - `MemberImportVisibility`: members come only from modules that the file imports.
/// - Warnings are errors: a warning that may stay is a warning that nobody reads.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "espalier",
    products: [
        .executable(name: "prune", targets: ["prune"]),
        // For servers: read a Keras file and run it.
        .library(name: "Execution", targets: ["Execution", "KerasFormat", "ModelGraph"]),
        // For servers: pick for each request the variant that fits it. Neither HDF5 nor oneDNN comes with it.
        .library(name: "RuntimeAdapter", targets: ["RuntimeAdapter"]),
        // For servers whose adapter is to know after a restart what it learned. Brings SQLite.
        .library(name: "RuntimeAdapterSQLite", targets: ["RuntimeAdapterSQLite"]),
        // For authors of sources of variants and stores of observations: suites that say whether theirs keep to the protocol.
        .library(name: "RuntimeAdapterTesting", targets: ["RuntimeAdapterTesting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // System libraries: a module map and a shim header for what Swift cannot call.
        .systemLibrary(
            name: "CHDF5", pkgConfig: "hdf5-serial", providers: [.apt(["libhdf5-dev"])]),
        .systemLibrary(
            name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(
            name: "CTurboJPEG", pkgConfig: "libturbojpeg",
            providers: [.apt(["libturbojpeg0-dev"])]),
        .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
        .systemLibrary(
            name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),

        .target(name: "HDF5", dependencies: ["CHDF5"]),
        .target(name: "Workers"),
        .target(name: "Archive", dependencies: ["CDeflate"]),
        .target(
            name: "OrderedJSON",
            dependencies: [.product(name: "OrderedCollections", package: "swift-collections")]),
        .target(name: "ModelGraph", dependencies: ["OrderedJSON"]),
        .target(
            name: "Contexts", dependencies: [.product(name: "Yams", package: "Yams")]),
        .target(
            name: "KerasFormat",
            dependencies: [
                "HDF5", "Archive", "OrderedJSON", "ModelGraph", "CDeflate", "Workers",
            ]),
        .target(
            name: "Datasets",
            dependencies: [
                "HDF5", "Archive", "CPNG", "CTurboJPEG", "Workers",
                .product(name: "Yams", package: "Yams"),
            ]),
        .target(
            name: "Execution",
            dependencies: [
                "COneDNN", "ModelGraph", "OrderedJSON",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ]),
        .target(name: "LinearAlgebra", dependencies: ["COpenBLAS", "Workers"]),
        .target(
            name: "Pruning",
            dependencies: ["ModelGraph", "OrderedJSON", "Execution", "LinearAlgebra", "Workers"]),
        .target(
            name: "Planning",
            dependencies: ["Contexts", "ModelGraph", "OrderedJSON", "Pruning"]),
        .target(
            name: "VariantStore",
            dependencies: ["Contexts", .product(name: "Crypto", package: "swift-crypto")]),
        .target(
            name: "RuntimeAdapter",
            dependencies: [
                "Contexts", "VariantStore",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]),
        .target(
            name: "RuntimeAdapterSQLite",
            dependencies: ["RuntimeAdapter", .product(name: "GRDB", package: "GRDB.swift")]),
        .target(
            name: "Commands",
            dependencies: [
                "HDF5", "OrderedJSON", "ModelGraph", "Contexts", "KerasFormat", "Execution",
                "Pruning", "Planning", "Datasets", "VariantStore", "RuntimeAdapter", "Workers",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(name: "prune", dependencies: ["Commands"]),
    ]
)

/// What tests need beside their target: tools to read the networks that Keras wrote.
let testDependencies: [String: [Target.Dependency]] = [
    "ExecutionTests": ["HDF5", "KerasFormat", "ModelGraph", "OrderedJSON"],
    "DatasetsTests": ["OrderedJSON"],
    "CommandsTests": [
        "Contexts", "Datasets", "Execution", "KerasFormat", "ModelGraph", "OrderedJSON",
        "VariantStore",
    ],
    // Shrunk equals masked is a claim about numbers, over networks in files.
    "PruningTests": ["Execution", "KerasFormat"],
    "PlanningTests": ["KerasFormat"],
    "VariantStoreTests": ["Contexts", "StoreStress"],
    "RuntimeAdapterTests": [
        "AdapterSoak", "AllocationCounter", "Contexts", "RuntimeAdapterTesting", "VariantStore",
        .product(name: "MetricsTestKit", package: "swift-metrics"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    ],
    "RuntimeAdapterSQLiteTests": [
        "ObservationStress", "RuntimeAdapter", "RuntimeAdapterTesting",
        .product(name: "GRDB", package: "GRDB.swift"),
    ],
]

// Kills writers of a store and lets many compete; a program of its own, as it needs processes.
package.targets.append(
    .executableTarget(
        name: "StoreStress", dependencies: ["Contexts", "VariantStore"], path: "Tests/StoreStress"))

// Leases models all the time while a store lives through everything; a program of its own, as its memory is watched.
package.targets.append(
    .executableTarget(
        name: "AdapterSoak",
        dependencies: [
            "Contexts", "RuntimeAdapter", "VariantStore",
            .product(name: "Logging", package: "swift-log"),
        ],
        path: "Tests/AdapterSoak"))

// Saves observations until it is killed.
package.targets.append(
    .executableTarget(
        name: "ObservationStress", dependencies: ["RuntimeAdapter", "RuntimeAdapterSQLite"],
        path: "Tests/ObservationStress"))

for target in package.targets where ![.system, .plugin, .binary].contains(target.type) {
    target.swiftSettings = (target.swiftSettings ?? []) + settings
    guard target.type == .regular else { continue }
    let name = "\(target.name)Tests"
    // Files that tests read by their path stand beside the tests and are no part of the build.
    let fixtures = "\(Context.packageDirectory)/Tests/\(name)/Fixtures"
    package.targets.append(
        .testTarget(
            name: name,
            dependencies: [.target(name: target.name)] + (testDependencies[name] ?? []),
            exclude: FileManager.default.fileExists(atPath: fixtures) ? ["Fixtures"] : [],
            swiftSettings: settings))
}

// For tests, of others as well; what it checks is tested with the sources that it is run on.
package.targets.append(
    .target(
        name: "RuntimeAdapterTesting", dependencies: ["RuntimeAdapter"], swiftSettings: settings))

// Counts allocations for tests that say that there are none; in C, and without tests of its own.
package.targets.append(.target(name: "AllocationCounter", path: "Tests/AllocationCounter"))

// With `ESPALIER_FUZZ` set: a libFuzzer executable for each folder of `Tests/Fuzz`, and all code
// instrumented for it. `scripts/fuzz.sh` builds and runs them; unsafe flags stay out of the package
// that others depend on.
if Context.environment["ESPALIER_FUZZ"] != nil {
    let instrument = ["-sanitize=fuzzer,address"]
    for (name, modules) in [
        ("FuzzHDF5", ["HDF5"]), ("FuzzContexts", ["Contexts"]), ("FuzzDatasets", ["Datasets"]),
        ("FuzzKerasFormat", ["KerasFormat", "ModelGraph", "OrderedJSON"]),
    ] {
        package.targets.append(
            .executableTarget(
                name: name, dependencies: modules.map { .target(name: $0) },
                path: "Tests/Fuzz/\(name)",
                swiftSettings: settings,
                linkerSettings: [.unsafeFlags(instrument + ["-use-ld=lld"])]))
    }
    for target in package.targets where [.regular, .executable].contains(target.type) {
        target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(instrument)]
    }
}
