package dev.stylizer.core

import java.util.concurrent.atomic.AtomicIntegerArray

/** The work on a frame, in order. */
enum class Stage(val label: String) {
    CONVERT("convert"), TRACK("track"), MOTION("motion"), BEND("bend"), DRAW("draw"), PASTE("paste"), TOTAL("delay");
}

/** Running means of milliseconds by stage, written by several threads; no allocation. */
internal class Stopwatch {
    private val meansUs = AtomicIntegerArray(Stage.entries.size)

    fun add(stage: Stage, nanoseconds: Long) {
        val n = stage.ordinal
        val mean = meansUs.get(n)
        val now = (nanoseconds / 1000).toInt()
        meansUs.set(n, if (mean == 0) now else mean + (now - mean) / 8)
    }

    inline fun time(stage: Stage, work: () -> Unit) {
        val begun = System.nanoTime()
        try {
            work()
        } finally {
            add(stage, System.nanoTime() - begun)
        }
    }

    fun ms(): Map<String, Float> =
        Stage.entries.filter { meansUs.get(it.ordinal) > 0 }.associate { it.label to meansUs.get(it.ordinal) / 1000f }
}
