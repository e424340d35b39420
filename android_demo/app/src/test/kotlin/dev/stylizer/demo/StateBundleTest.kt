package dev.stylizer.demo

import android.os.Bundle
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class StateBundleTest {
    private val styles = listOf("ink", "sketch")
    private val chosen = ScreenState.first(styles).styled("sketch").strengthened(0.3f).exaggerated(-0.7f)
        .facingSwitched().overlayToggled().answered(granted = false, mayAskAgain = false)

    private fun reread(state: ScreenState, styles: List<String> = this.styles) =
        readState(Bundle().also { state.writeTo(it) }, styles)

    @Test
    fun whatWasChosenSurvives() = assertEquals(chosen, reread(chosen))

    @Test
    fun aDrawingSurvives() {
        val result = chosen.working().finished("a.jpg").saved("a.jpg", "content://1").wantingToShare()
        assertEquals(result, reread(result))
    }

    @Test
    fun whatWasInWorkDoesNot() {
        assertEquals(chosen, reread(chosen.working().progressed(0.5f)))
        val result = chosen.working().finished("a.jpg")
        assertEquals(result, reread(result.saving()))
    }

    @Test
    fun aStyleThatIsGoneIsReplaced() =
        assertEquals(ScreenState.first(listOf("ink"), chosen.settings).settings, reread(chosen, listOf("ink")).settings)

    @Test
    fun withoutABundleItIsTheFirstScreen() = assertEquals(ScreenState.first(styles), readState(null, styles))
}
