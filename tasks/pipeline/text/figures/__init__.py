"""Figures as values: what a number means, however it is written."""

from tasks.pipeline.text.figures.comparison import IDIOMATIC as IDIOMATIC
from tasks.pipeline.text.figures.comparison import FigureIndex as FigureIndex
from tasks.pipeline.text.figures.comparison import figure_index as figure_index
from tasks.pipeline.text.figures.comparison import has_figure as has_figure
from tasks.pipeline.text.figures.comparison import is_claimed as is_claimed
from tasks.pipeline.text.figures.comparison import missing_figures as missing_figures
from tasks.pipeline.text.figures.comparison import missing_in as missing_in
from tasks.pipeline.text.figures.comparison import same as same
from tasks.pipeline.text.figures.comparison import values as values
from tasks.pipeline.text.figures.context import counterpart as counterpart
from tasks.pipeline.text.figures.context import is_contradicted as is_contradicted
from tasks.pipeline.text.figures.context import is_counted_otherwise as is_counted_otherwise
from tasks.pipeline.text.figures.context import may_count_the_same as may_count_the_same
from tasks.pipeline.text.figures.context import nearest as nearest
from tasks.pipeline.text.figures.scan import figures as figures
from tasks.pipeline.text.figures.scan import has_words_for_numbers as has_words_for_numbers
from tasks.pipeline.text.figures.types import Figure as Figure
from tasks.pipeline.text.figures.types import FigureKind as FigureKind
from tasks.pipeline.text.figures.types import Quantity as Quantity
