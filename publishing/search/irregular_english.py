"""Irregular forms of English words, which stems do not bring together.

Each line is one word. Forms that are at least as often another word are left out: “saw”, “found”, “left”.
"""

GROUPS = """
alumnus alumni
analysis analyses
antenna antennae
appendix appendices
arise arose arisen
awake awoke awoken
axis axes
bacillus bacilli
bacterium bacteria
bad worse worst
basis bases
beat beaten
become became
begin began begun
bend bent
bite bitten
bleed bled
blow blew blown
break broke broken
breed bred
bring brought
build built
burn burnt
buy bought
cactus cacti
calf calves
catch caught
child children
choose chose chosen
cling clung
come came
corpus corpora
creep crept
crisis crises
criterion criteria
curriculum curricula
datum data
deal dealt
diagnosis diagnoses
dig dug
do did done
draw drew drawn
dream dreamt
drink drank drunk
drive drove driven
dwarf dwarves
dwell dwelt
eat ate eaten
elf elves
ellipsis ellipses
emphasis emphases
erratum errata
fall fallen
far farther further
feed fed
fight fought
flee fled
fly flew flown
focus foci
foot feet
forbid forbade forbidden
foresee foresaw foreseen
forget forgot forgotten
forgive forgave forgiven
formula formulae
freeze froze frozen
fungus fungi
genus genera
get got gotten
give gave given
go went gone
good better best
goose geese
grow grew grown
half halves
hang hung
hear heard
hide hid hidden
hold held
hoof hooves
hypothesis hypotheses
index indices
keep kept
kneel knelt
knife knives
know knew known
larva larvae
lay laid
lead led
leaf leaves
lean leant
leap leapt
learn learnt
lend lent
life lives
loaf loaves
lose lost
louse lice
make made
man men
matrix matrices
mean meant
medium media
meet met
mistake mistook mistaken
mouse mice
nebula nebulae
neurosis neuroses
nucleus nuclei
oasis oases
outdo outdid outdone
overcome overcame
overtake overtook overtaken
ox oxen
parenthesis parentheses
pay paid
person people
phenomenon phenomena
prognosis prognoses
prosthesis prostheses
prove proven
quiz quizzes
radius radii
ride rode ridden
ring rang rung
rise risen
run ran
say said
scarf scarves
see seen
seek sought
self selves
sell sold
send sent
sew sewn
shake shook shaken
shelf shelves
shine shone
show shown
shrink shrank shrunk
sing sang sung
sink sank sunk
sit sat
slay slew slain
sleep slept
slide slid
sling slung
sow sown
speak spoken
spell spelt
spend spent
spill spilt
spin spun
spoil spoilt
spring sprang sprung
stand stood
steal stolen
stick stuck
stimulus stimuli
sting stung
stink stank stunk
stratum strata
strike struck stricken
string strung
strive strove striven
swear swore sworn
sweep swept
swell swollen
swim swam swum
swing swung
syllabus syllabi
symposium symposia
synopsis synopses
synthesis syntheses
take took taken
teach taught
tear torn
tell told
thesis theses
thief thieves
think thought
throw threw thrown
tooth teeth
undergo underwent undergone
understand understood
undertake undertook undertaken
undo undid undone
uphold upheld
vertebra vertebrae
vertex vertices
wake woke woken
wear wore worn
weave wove woven
weep wept
wife wives
win won
withdraw withdrew withdrawn
withhold withheld
withstand withstood
wolf wolves
woman women
write wrote written
""".strip().splitlines()
